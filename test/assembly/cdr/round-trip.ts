/**
 * The generated AssemblyScript classes under test: one module with a function that decodes a message of any type and
 * encodes it again.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import asc from "assemblyscript/asc";
import { splitTypeName } from "../../../toolchain/interface/definition.js";
import { generateInterfaces } from "../../../toolchain/interface/gen.js";
import { InterfaceLibrary, type InterfaceSource } from "../../../toolchain/interface/library.js";
import { projectFile } from "../../../toolchain/project.js";

export interface RoundTrip {
  /**
   * @returns the message as the generated class writes it after reading `payload`
   * @throws Error with the CdrError's number if it does not read
   */
  run(typeName: string, payload: Uint8Array, littleEndian?: boolean): Uint8Array;
  /** What the generated class writes when it is new. */
  defaults(typeName: string): Uint8Array;
  /** Octets of the compiled module. */
  readonly size: number;
  /** Octets of linear memory the last run had taken when it ended. */
  readonly memory: number;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  buffer(octets: number): number;
  round_trip(
    type: number,
    payload: number,
    length: number,
    bigEndian: number,
    out: number,
    capacity: number,
  ): number;
}

const ROUND_TRIP = `
import { CdrReader, CdrWriter } from "rosehip/assembly/cdr";

export function buffer(octets: i32): usize {
  return heap.alloc(octets);
}

function trip<T>(payload: usize, length: i32, bigEndian: bool, out: usize, capacity: u32): i32 {
  const message = instantiate<T>();
  if (length >= 0) {
    const reader = new CdrReader(payload, length, bigEndian);
    message.deserialize(reader);
    if (reader.error) return -<i32>reader.error;
  }
  const writer = new CdrWriter(out, capacity);
  message.serialize(writer);
  if (writer.error) return -100 - <i32>writer.error;
  return writer.length;
}
`;

/** @param typeNames messages, parts of services and actions included */
export async function compileRoundTrip(
  sources: readonly InterfaceSource[],
  typeNames: readonly string[],
): Promise<RoundTrip> {
  const library = new InterfaceLibrary(sources);
  const files = typeNames.map((name) => library.file(name)?.definition.typeName ?? name);
  return start(await compileWithInterfaces(sources, [...new Set(files)], entry(typeNames), "-O1"), typeNames);
}

/** Compiles `text` as a module that can import the SDK's parts and the interfaces named. */
export async function compileWithInterfaces(
  sources: readonly InterfaceSource[],
  packages: readonly string[],
  text: string,
  optimize: string,
): Promise<Uint8Array> {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-cdr-"));
  try {
    generateInterfaces({ project: folder, packages, outDir: folder, sources });
    return await compile(folder, text, optimize);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function entry(typeNames: readonly string[]): string {
  const modules = [...new Set(typeNames.map((name) => name.split("/").slice(0, 2).join("/")))];
  const alias = (module: string) => module.replace("/", "_");
  const cases = typeNames.map((typeName, i) => {
    const { package: packageName, folder, name } = splitTypeName(typeName);
    return `    case ${i}: return trip<${alias(`${packageName}/${folder}`)}.${name}>(payload, length, bigEndian, out, capacity);`;
  });
  return [
    ...modules.map((module) => `import * as ${alias(module)} from "${module}";`),
    ROUND_TRIP,
    "export function round_trip(type: i32, payload: usize, length: i32, bigEndian: bool, out: usize, capacity: u32): i32 {",
    "  switch (type) {",
    ...cases,
    "    default: return -1000;",
    "  }",
    "}",
  ].join("\n");
}

async function compile(generated: string, text: string, optimize: string): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const { error } = await asc.main(
    [
      "app.ts",
      "--outFile",
      "app.wasm",
      "--runtime",
      "stub",
      optimize,
      "--use",
      "abort=",
      "--exportStart",
      "start",
    ],
    {
      readFile: (name) => (name === "app.ts" ? text : readModule(generated, name)),
      writeFile: (name, contents) => {
        if (name === "app.wasm") wasm = contents as Uint8Array;
      },
      listFiles: () => [],
      stderr: { write: (chunk) => void messages.push(String(chunk)) },
    },
  );
  if (error !== null || wasm === undefined) throw new Error(`asc: ${messages.join("")}`);
  return wasm;
}

/** `node_modules/rosehip/assembly/…` is the SDK, `node_modules/PACKAGE/msg.ts` a generated module. */
function readModule(generated: string, name: string): string | null {
  const module = /^node_modules\/(.*)$/.exec(name.replaceAll("\\", "/"))?.[1];
  if (module === undefined) return null;
  const file = module.startsWith("rosehip/")
    ? projectFile(module.slice("rosehip/".length))
    : path.join(generated, module);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

function start(wasm: Uint8Array, typeNames: readonly string[]): RoundTrip {
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  const index = new Map(typeNames.map((name, i) => [name, i]));
  let memory = 0;
  const run = (typeName: string, payload: Uint8Array | undefined, littleEndian: boolean): Uint8Array => {
    // A fresh instance each time: the stub runtime never gives memory back.
    const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    exports.start();
    const octets = payload?.byteLength ?? 0;
    const capacity = octets * 2 + 4096;
    const input = exports.buffer(octets + 8);
    const output = exports.buffer(capacity);
    if (payload !== undefined) new Uint8Array(exports.memory.buffer).set(payload, input);
    const type = index.get(typeName) ?? -1;
    const given = payload === undefined ? -1 : octets;
    const length = exports.round_trip(type, input, given, littleEndian ? 0 : 1, output, capacity);
    memory = exports.memory.buffer.byteLength;
    if (length < 0) throw new Error(`CdrError ${-length}`);
    if (length > capacity) throw new Error(`${length} octets do not fit ${capacity}`);
    return new Uint8Array(exports.memory.buffer).slice(output, output + length);
  };
  return {
    size: wasm.byteLength,
    get memory() {
      return memory;
    },
    run: (typeName, payload, littleEndian = true) => run(typeName, payload, littleEndian),
    defaults: (typeName) => run(typeName, undefined, true),
  };
}
