/** What a module tells about itself that its firmware must know before it runs. */
import binaryen from "assemblyscript/binaryen";
import { ABI_EXPORTS, ABI_MODULE } from "../../abi/table.js";
import { RosehipError } from "../../host-agent/src/errors.js";

const PAGE = 65536;

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  /** As in rosehip_import_t: result, then parameters in brackets. */
  readonly signature: string;
}

export interface ModuleFacts {
  readonly abiVersion: number;
  /** Octets of linear memory. */
  readonly memoryBytes: number;
  readonly imports: readonly ModuleImport[];
}

/**
 * Checks of an app what the interpreter would check when it loads it, in the same words.
 * @throws BUILD_AOT_MODULE
 */
export function moduleFacts(wasm: Uint8Array, where: string): ModuleFacts {
  const refuse = (why: string) => new RosehipError("BUILD_AOT_MODULE", why, { where });
  try {
    new WebAssembly.Module(Uint8Array.from(wasm));
  } catch (error) {
    throw refuse(`not a valid WebAssembly module: ${error instanceof Error ? error.message : String(error)}`);
  }
  const module = binaryen.readBinary(wasm);
  try {
    return readFacts(module, refuse);
  } finally {
    module.dispose();
  }
}

function readFacts(module: binaryen.Module, refuse: (why: string) => RosehipError): ModuleFacts {
  const version = constantGlobal(module, ABI_EXPORTS.version.name);
  if (version === undefined) {
    throw refuse(
      `the module does not export the constant ${ABI_EXPORTS.version.name}: it is not an app for this firmware`,
    );
  }
  const memory = module.hasMemory() ? module.getMemoryInfo() : undefined;
  const exported = findExport(module, ABI_EXPORTS.memory.name, binaryen.ExternalMemory);
  if (memory === undefined || memory.module !== "" || exported === undefined) {
    throw refuse(`the module does not export a memory of its own as ${ABI_EXPORTS.memory.name}`);
  }
  const name = ABI_EXPORTS.memoryBytes.name;
  const memoryBytes = constantGlobal(module, name);
  if (memoryBytes === undefined) throw refuse(`the module does not export the constant ${name}`);
  if (memoryBytes <= 0 || memoryBytes % 8 !== 0 || memoryBytes > memory.initial * PAGE) {
    throw refuse(`${name} is not a multiple of 8 within the module's memory`);
  }
  checkPoll(module, refuse);
  return { abiVersion: version, memoryBytes, imports: readImports(module, refuse) };
}

function checkPoll(module: binaryen.Module, refuse: (why: string) => RosehipError): void {
  const { name } = ABI_EXPORTS.poll;
  const poll = findExport(module, name, binaryen.ExternalFunction);
  if (poll === undefined) throw refuse(`the module does not export ${name}`);
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(poll.value));
  if (params !== binaryen.none || results !== binaryen.i64)
    throw refuse(`${name} is not a function () -> i64`);
}

function findExport(
  module: binaryen.Module,
  name: string,
  kind: binaryen.ExternalKinds,
): binaryen.ExportInfo | undefined {
  return Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  ).find((each) => each.name === name && each.kind === kind);
}

/** The value of an exported immutable i32 global that is a plain constant. */
function constantGlobal(module: binaryen.Module, name: string): number | undefined {
  const exported = findExport(module, name, binaryen.ExternalGlobal);
  if (exported === undefined) return undefined;
  const global = binaryen.getGlobalInfo(module.getGlobal(exported.value));
  if (global.module !== "" || global.mutable || global.type !== binaryen.i32) return undefined;
  const value = /^\(i32\.const (-?\d+)\)\s*$/.exec(binaryen.emitText(global.init))?.[1];
  return value === undefined ? undefined : Number(value);
}

const LETTERS = new Map([
  [binaryen.i32, "i"],
  [binaryen.i64, "I"],
  [binaryen.f32, "f"],
  [binaryen.f64, "F"],
]);

function readImports(module: binaryen.Module, refuse: (why: string) => RosehipError): ModuleImport[] {
  for (let index = 0; index < module.getNumGlobals(); index++) {
    if (binaryen.getGlobalInfo(module.getGlobalByIndex(index)).module !== "")
      throw refuse("the module imports a global");
  }
  const functions = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  return functions
    .filter((each) => each.module !== "")
    .map(({ module: from, base, params, results }) => {
      const name = base ?? "";
      if (from !== ABI_MODULE)
        throw refuse(`the app imports ${from}.${name}: this firmware has no such function`);
      const parameters = binaryen.expandType(params).map((type) => LETTERS.get(type) ?? "?");
      const result = results === binaryen.none ? "v" : (LETTERS.get(results) ?? "?");
      return { module: from, name, signature: `${result}(${parameters.join("")})` };
    });
}
