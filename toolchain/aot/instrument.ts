/**
 * Makes of what wasm2c writes the C that our run-time runs: its own macros are replaced by firmware/src/aot/instructions.h,
 * and the checks that bound a run are put in. Every edit is of a fixed form of the pinned wasm2c, and one that does not
 * fit is an error, never left out.
 */
import { RosehipError } from "../../host-agent/src/errors.js";
import { type Calls, planChecks } from "./call-graph.js";
import type { Wasm2cOutput } from "./wasm2c.js";

export interface Instrumented {
  /** Types and prototypes. */
  readonly declarations: string;
  /** Data and functions; all of it static. */
  readonly code: string;
  /** Name of the start function. */
  readonly start: string | undefined;
}

/** @param name what wasm2c was told to call the module */
export function instrument({ source, header }: Wasm2cOutput, name: string): Instrumented {
  const body = afterPreamble(source);
  const cut = replaceOnce(body, typeFunction(name), "", "the function that tells types");
  const used = replaceOnce(cut, / {2}assert\(wasm_rt_is_initialized\(\)\);\n/, "", "the assertion");
  const { text, start } = cutStart(numberTypes(used), name);
  const accesses = splitAccesses(text);
  return { declarations: staticHeader(header, name), code: boundRuns(accesses, name), start };
}

function mistake(what: string): RosehipError {
  return new RosehipError("BUILD_AOT_EDIT", `${what} is not as expected in the C that wasm2c wrote`, {
    remedy: "Bring toolchain/aot/instrument.ts in line with the pinned wabt.",
  });
}

function replaceOnce(text: string, pattern: RegExp, replacement: string, what: string): string {
  const found = [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))];
  if (found.length !== 1) throw mistake(what);
  return text.replace(pattern, () => replacement);
}

/** The last of wasm2c's macros. */
const PREAMBLE_END = "wasm_rt_tailcallee_t* next)\n#endif\n";

function afterPreamble(source: string): string {
  const at = source.lastIndexOf(PREAMBLE_END);
  if (at < 0) throw mistake("the end of the macros");
  return source.slice(at + PREAMBLE_END.length);
}

const typeFunction = (name: string) =>
  new RegExp(`^wasm_rt_func_type_t wasm2c_${name}_get_func_type\\([^]*?^}\\n`, "m");

/** Function types are known by a hash, which other modules could know too; alone, a number does. */
function numberTypes(text: string): string {
  const numbers = new Map<string, number>();
  return text.replaceAll(/^FUNC_TYPE_T\((\w+)\) = "(.*)";$/gm, (_, type: string, hash: string) => {
    const number = numbers.get(hash) ?? numbers.size;
    numbers.set(hash, number);
    return `enum { ${type} = ${number} };`;
  });
}

/** The types and prototypes, for one file alone; our head becomes the first member of the instance. */
function staticHeader(header: string, name: string): string {
  const begin = header.indexOf("#ifndef WASM_RT_CORE_TYPES_DEFINED");
  const end = header.lastIndexOf("#ifdef __cplusplus");
  if (begin < 0 || end < begin) throw mistake("the header");
  const own = header
    .slice(begin, end)
    .replace(/^#ifdef __cplusplus\nextern "C" {\n#endif\n/m, "")
    .replace(/^wasm_rt_func_type_t \w+\(.*\);\n/m, "")
    .replace(/^(?!typedef\b)\w.*\(.*\);$/gm, "static $&");
  const struct = new RegExp(`^typedef struct w2c_${name} {\\n`, "m");
  return replaceOnce(
    own,
    struct,
    `typedef struct w2c_${name} {\n  rosehip_aot_instance_t head;\n`,
    "the instance",
  );
}

/** Takes the call of the start function out of the instantiation: nothing of the app runs while it is loaded. */
function cutStart(text: string, name: string): { text: string; start: string | undefined } {
  const instantiate = new RegExp(`^void wasm2c_${name}_instantiate\\([^]*?^}\\n`, "m").exec(text)?.[0];
  if (instantiate === undefined) throw mistake("the instantiation");
  const call = new RegExp(`^ {2}(w2c_${name}_\\w+)\\(instance\\);\\n`, "m").exec(instantiate);
  if (call === null) return { text, start: undefined };
  return { text: text.replace(instantiate, () => instantiate.replace(call[0], "")), start: call[1] };
}

const ACCESS =
  /\b([if](?:32|64)_(?:load|store)\w*?)_default32\(&instance->w2c_\w+, \(u64\)\((var_\w+)\)(?: \+ (\d+)u)?/g;

/** `f(&memory, (u64)(address) + 8u` becomes `f(instance, address, 8u`. */
function splitAccesses(text: string): string {
  const split = text.replaceAll(
    ACCESS,
    (_, access, address, offset = "0") => `${access}(instance, ${address}, ${offset}u`,
  );
  if (split.includes("_default32(")) throw mistake("an access to memory");
  return split;
}

const PROLOGUE = "  FUNC_PROLOGUE;\n";
const EPILOGUE = /^ *FUNC_EPILOGUE;\n/gm;
const LOOP = /^( *)var_L\d+: $/gm;

interface FunctionText {
  readonly name: string;
  readonly text: string;
}

/** Puts CHECK_STACK and SPEND_FUEL where the call graph tells, and SPEND_FUEL into every loop. */
function boundRuns(text: string, name: string): string {
  const { before, functions } = splitFunctions(text, name);
  const numbers = new Map(functions.map((each, index) => [each.name, index]));
  const calls = functions.map((each) => readCalls(each, numbers, name));
  const table = [...before.matchAll(/\(wasm_rt_function_ptr_t\)wrap_(\w+)/g)].flatMap(([, target = ""]) => {
    const number = numbers.get(target);
    return number === undefined ? [] : [number];
  });
  const checks = planChecks(calls, [...new Set(table)]);
  const bounded = functions.map(({ text: each }, index) => {
    const { stack, fuel } = checks[index] ?? { stack: true, fuel: true };
    const prologue = `${stack ? "  CHECK_STACK;\n" : ""}${fuel ? "  SPEND_FUEL;\n" : ""}`;
    return each.replace(PROLOGUE, prologue).replace(EPILOGUE, "").replace(LOOP, "$&\n$1  SPEND_FUEL;");
  });
  return before + bounded.join("");
}

/** The functions of the module come last, in its order, each with one prologue. */
function splitFunctions(text: string, name: string): { before: string; functions: FunctionText[] } {
  const head = new RegExp(`^[\\w ]+ (w2c_${name}_\\w+)\\(w2c_${name}\\* instance.*\\) \\{\\n`, "gm");
  const starts = [...text.matchAll(head)].filter(({ 0: line, index }) => {
    const body = text.slice(index + line.length, text.indexOf("\n}\n", index));
    return body.includes(PROLOGUE);
  });
  const functions = starts.map(({ 1: each = "", index }, at) => ({
    name: each,
    text: text.slice(index, starts[at + 1]?.index),
  }));
  const prologues = text.split(PROLOGUE).length - 1;
  if (functions.length !== prologues || functions.some((each) => each.text.split(PROLOGUE).length !== 2)) {
    throw mistake("the beginning of a function");
  }
  return { before: text.slice(0, starts[0]?.index), functions };
}

function readCalls(
  { name: own, text }: FunctionText,
  numbers: ReadonlyMap<string, number>,
  name: string,
): Calls {
  const inside = text.slice(text.indexOf("{\n"));
  const callees = [...inside.matchAll(/\b(w2c_\w+)\(/g)].map(([, callee = ""]) => callee);
  const known = callees.flatMap((callee) => numbers.get(callee) ?? []);
  const foreign = callees.filter((callee) => !numbers.has(callee));
  if (foreign.some((callee) => callee.startsWith(`w2c_${name}_`))) throw mistake(`a call in ${own}`);
  return {
    callees: known,
    indirect: inside.split("CALL_INDIRECT(").length - 1,
    imports: foreign.length,
  };
}
