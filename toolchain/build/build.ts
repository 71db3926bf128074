import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ABI_EXPORTS, ABI_FUNCTIONS, ABI_MODULE } from "../../abi/table.js";
import { RosehipError } from "../../host-agent/src/errors.js";
import { translate } from "../aot/translate.js";
import type { Engine } from "../firmware/target.js";
import { compile } from "./compile.js";
import { checkMemory, readConfig } from "./config.js";
import { measureWasm, stripCustom, type WasmSize } from "./wasm-size.js";

export interface BuildOptions {
  /** The app's main file, or its folder; then the configuration tells the file. */
  readonly entry: string;
  /** Folder for app.wasm, app.wasm.map, size.json, app.c, and for the generated interfaces; `build` beside the app. */
  readonly outDir?: string;
  /** Octets of linear memory, instead of the configuration's. */
  readonly memory?: number;
  /** Instead of the configuration's; aot: the app in C, too. */
  readonly engine?: Engine;
  /** Keeps the names of functions in app.wasm, so that a trap tells where it was; for debugging. */
  readonly names?: boolean;
}

export interface BuildResult {
  readonly wasmPath: string;
  readonly wasm: Uint8Array;
  /** The app in C, to be compiled with the firmware; only for the engine aot. */
  readonly cPath?: string;
  readonly size: AppSize;
  /** asc's warnings, as `file:line:column: warning …`. */
  readonly warnings: readonly string[];
}

export interface AppSize extends WasmSize {
  /** Octets of linear memory in all; what static data leaves of it is heap. */
  readonly memory: number;
  /** Octets of code without Asyncify's instrumentation. */
  readonly codeBeforeAsyncify: number;
  /** Functions that can be suspended. */
  readonly suspendable: readonly string[];
}

/**
 * Builds an app: generates the interfaces it imports, compiles it with the SDK, makes it suspendable, checks it.
 * @throws BUILD_NO_ENTRY, BUILD_CONFIG, BUILD_COMPILE, BUILD_INTERFACE, IDL errors of the interface generator; for the
 *   engine aot as translate
 * @example
 *   const { wasmPath, size } = await buildApp({ entry: "examples/add_two_ints" });
 */
export async function buildApp(options: BuildOptions): Promise<BuildResult> {
  const isFile = /\.ts$/.test(options.entry);
  const project = path.resolve(isFile ? path.dirname(options.entry) : options.entry);
  const config = readConfig(project);
  const entry = isFile ? path.resolve(options.entry) : path.join(project, config.entry);
  if (!existsSync(entry)) {
    throw new RosehipError("BUILD_NO_ENTRY", "there is no such file", {
      where: entry,
      remedy: 'Name the app\'s main file, or set "entry" in the configuration.',
    });
  }
  const memory = options.memory === undefined ? config.memory : checkMemory(options.memory, "memory");
  const outDir = path.resolve(options.outDir ?? path.join(project, "build"));
  mkdirSync(outDir, { recursive: true });
  const compiled = await compile({ entry, memory, project, generated: path.join(outDir, "interfaces") });
  const wasm = options.names === true ? compiled.wasm : stripCustom(compiled.wasm);
  checkInterface(wasm, entry);
  const size: AppSize = {
    ...measureWasm(compiled.wasm),
    total: wasm.byteLength,
    memory,
    codeBeforeAsyncify: compiled.asyncify.codeBefore,
    suspendable: compiled.asyncify.suspendable,
  };
  const wasmPath = path.join(outDir, "app.wasm");
  writeFileSync(wasmPath, wasm);
  writeFileSync(`${wasmPath}.map`, compiled.sourceMap);
  writeFileSync(path.join(outDir, "size.json"), `${JSON.stringify(size, null, 2)}\n`);
  const result = { wasmPath, wasm, size, warnings: compiled.warnings };
  if ((options.engine ?? config.engine) !== "aot") return result;
  const cPath = path.join(outDir, "app.c");
  writeFileSync(cPath, await translate(wasm, wasmPath));
  return { ...result, cPath };
}

/** @throws BUILD_INTERFACE if the module needs or lacks something that the ABI table tells */
function checkInterface(wasm: Uint8Array, where: string): void {
  const module = new WebAssembly.Module(wasm);
  const known = new Set(ABI_FUNCTIONS.map(({ name }) => `${ABI_MODULE}.${name}`));
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (known.has(`${from}.${name}`)) continue;
    throw new RosehipError("BUILD_INTERFACE", `the app imports ${from}.${name}, which no firmware provides`, {
      where,
      remedy:
        "Remove the @external declaration, or what of the library needs it: console (node.logger writes lines), Date.",
    });
  }
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  for (const { name } of Object.values(ABI_EXPORTS)) {
    if (!exported.has(name))
      throw new RosehipError("BUILD_INTERFACE", `the app does not export ${name}`, { where });
  }
}
