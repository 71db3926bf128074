/**
 * Makes an app of a module of the specification's tests: its poll does the action that the firmware's function `next`
 * tells, by number, and returns the result's bits.
 */
import binaryen from "assemblyscript/binaryen";
import wabt from "wabt";
import { ABI_EXPORTS, ABI_MODULE, ABI_VERSION } from "../../abi/table.js";
import type { Action, SpecModule } from "./spec-suite.js";
import { type Expression, expressions, kindOf, octetsOf } from "./wast.js";

const PAGE = 65536;
const MOST_PAGES = 8;

type Wabt = Awaited<ReturnType<typeof wabt>>;
let loaded: Promise<Wabt> | undefined;

/** Why a module is not tried. */
export class Excluded extends Error {}

export interface SpecApp {
  readonly wasm: Uint8Array;
  readonly actions: readonly Action[];
  /** The script lets its memory grow, which an app's does not: what it says of that does not hold. */
  readonly grows: boolean;
  /** Bits of each action's expected results; undefined: any, or a NaN. */
  readonly expected: readonly (Expected | undefined)[];
}

export type Expected =
  | { readonly bits: bigint }
  | { readonly nan: "f32" | "f64" }
  | { readonly nothing: true };

/** @throws Excluded */
export async function specApp({ definition, actions }: SpecModule): Promise<SpecApp> {
  loaded ??= wabt();
  const tools = await loaded;
  const module = binaryen.readBinary(await assemble(tools, definition));
  try {
    module.setFeatures(binaryen.Features.All);
    const bits = literalBits(tools, actions);
    addPoll(module, actions, bits);
    addMemory(module);
    module.addGlobal("rosehip version", binaryen.i32, false, module.i32.const(ABI_VERSION));
    module.addGlobalExport("rosehip version", ABI_EXPORTS.version.name);
    if (!module.validate()) throw new Error("the app made of it is not valid");
    return {
      wasm: module.emitBinary(),
      grows: /\bmemory\.grow\b/.test(definition.text),
      actions,
      expected: actions.map((action) => expectation(action, bits)),
    };
  } finally {
    module.dispose();
  }
}

async function assemble(tools: Wabt, definition: Expression): Promise<Uint8Array> {
  const [first, second] = definition.items.slice(1).filter((item) => !String(item).startsWith("$"));
  if (first === "binary") {
    const strings = definition.items.filter((item) => typeof item === "string" && item.startsWith('"'));
    return Buffer.concat(strings.map((item) => octetsOf(String(item))));
  }
  if (first === "quote" || second === "quote") throw new Excluded("it is given as text to be refused");
  if (/\(import\b/.test(definition.text)) throw new Excluded("it imports what no firmware has");
  if (Buffer.byteLength(definition.text) !== definition.text.length) {
    throw new Excluded("its names are not ASCII, which wabt's parseWat takes alone");
  }
  const parsed = tools.parseWat("module.wat", withoutGrowth(definition.text), {
    bulk_memory: true,
    sign_extension: true,
  });
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}

/** The memory of an app does not grow: it is declared so, and then grows nowhere. */
const withoutGrowth = (text: string) =>
  text.replace(/\(memory( \$\w+)? (\d+)(?: \d+)?\)/g, "(memory$1 $2 $2)");

const RESULT_BITS: Readonly<Record<string, string>> = {
  i32: "i64.extend_i32_u",
  i64: "",
  f32: "i64.extend_i32_u (i32.reinterpret_f32",
  f64: "i64.reinterpret_f64",
};

/** The bits of all literals, `(f32.const nan:0x200000)` and the like, as the tool reads them. */
function literalBits(tools: Wabt, actions: readonly Action[]): Map<string, bigint> {
  const literals = new Set<string>();
  for (const { parameters, results = [] } of actions) {
    for (const { text } of [...parameters, ...results]) {
      if (/^\([if](32|64)\.const /.test(text) && !/nan:[ac]/.test(text)) literals.add(text);
    }
  }
  const list = [...literals];
  const functions = list.map((text, index) => {
    const read = RESULT_BITS[text.slice(1, 4)] ?? "";
    const close = ")".repeat(read.split("(").length - 1);
    const body = read === "" ? text : `(${read} ${text}${close})`;
    return `(func (export "${index}") (result i64) ${body})`;
  });
  const parsed = tools.parseWat("literals.wat", `(module ${functions.join("\n")})`);
  const binary = parsed.toBinary({}).buffer;
  parsed.destroy();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  return new Map(
    list.map((text, index) => [text, BigInt.asUintN(64, (exports[String(index)] as () => bigint)())]),
  );
}

function expectation({ results }: Action, bits: ReadonlyMap<string, bigint>): Expected | undefined {
  if (results === undefined) return undefined;
  const [result] = results;
  if (result === undefined) return { nothing: true };
  if (/nan:[ac]/.test(result.text)) return { nan: result.text.includes("f32") ? "f32" : "f64" };
  const known = bits.get(result.text);
  if (known === undefined) throw new Excluded(`${kindOf(result)} is not a value of an app`);
  return { bits: known };
}

/** poll: one block for each action. */
function addPoll(
  module: binaryen.Module,
  actions: readonly Action[],
  bits: ReadonlyMap<string, bigint>,
): void {
  const targets = new Map(
    Array.from({ length: module.getNumExports() }, (_, index) =>
      binaryen.getExportInfo(module.getExportByIndex(index)),
    )
      .filter(({ kind }) => kind === binaryen.ExternalFunction)
      .map(({ name, value }) => [name, value]),
  );
  module.addFunctionImport("rosehip next", ABI_MODULE, "next", binaryen.none, binaryen.i32);
  const body = [module.local.set(0, module.call("rosehip next", [], binaryen.i32))];
  actions.forEach((action, index) => {
    const target = targets.get(action.name);
    if (target === undefined) throw new Error(`no function ${action.name} is exported`);
    const isThis = module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(index));
    body.push(module.if(isThis, invoke(module, target, action, bits)));
  });
  body.push(module.unreachable());
  const poll = module.block(null, body, binaryen.none);
  module.addFunction("rosehip poll", binaryen.none, binaryen.i64, [binaryen.i32], poll);
  module.addFunctionExport("rosehip poll", ABI_EXPORTS.poll.name);
}

function invoke(
  module: binaryen.Module,
  target: string,
  { parameters }: Action,
  bits: ReadonlyMap<string, bigint>,
): number {
  const { results } = binaryen.getFunctionInfo(module.getFunction(target));
  const operands = parameters.map((each) => {
    const value = bits.get(each.text);
    if (value === undefined || expressions(each).length > 0) throw new Excluded("a reference is a parameter");
    return constant(module, each.text.slice(1, 4), value);
  });
  const call = module.call(target, operands, results);
  switch (results) {
    case binaryen.none:
      return module.block(null, [call, module.return(longConstant(module, 0n))]);
    case binaryen.i32:
      return module.return(module.i64.extend_u(call));
    case binaryen.i64:
      return module.return(call);
    case binaryen.f32:
      return module.return(module.i64.extend_u(module.i32.reinterpret(call)));
    case binaryen.f64:
      return module.return(module.i64.reinterpret(call));
    default:
      throw new Excluded("a function of an app has one result");
  }
}

function constant(module: binaryen.Module, type: string, bits: bigint): number {
  if (type === "i32") return module.i32.const(Number(BigInt.asIntN(32, bits)));
  if (type === "f32") return module.f32.reinterpret(module.i32.const(Number(BigInt.asIntN(32, bits))));
  const long = longConstant(module, bits);
  return type === "i64" ? long : module.f64.reinterpret(long);
}

function longConstant(module: binaryen.Module, bits: bigint): number {
  return module.i64.const(BigInt.asIntN(64, bits) as never);
}

/** Exports the module's memory as an app's, or gives it one. */
function addMemory(module: binaryen.Module): void {
  if (!module.hasMemory()) module.setMemory(1, 1, null);
  const { initial } = module.getMemoryInfo();
  if (initial === 0 || initial > MOST_PAGES) throw new Excluded(`its memory has ${initial} pages`);
  const existing = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  ).find(({ name }) => name === ABI_EXPORTS.memory.name);
  if (existing !== undefined && existing.kind !== binaryen.ExternalMemory)
    throw new Excluded("memory is a function");
  if (existing === undefined) module.addMemoryExport("0", ABI_EXPORTS.memory.name);
  module.addGlobal("rosehip bytes", binaryen.i32, false, module.i32.const(initial * PAGE));
  module.addGlobalExport("rosehip bytes", ABI_EXPORTS.memoryBytes.name);
}
