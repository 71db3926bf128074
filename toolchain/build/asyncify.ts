import binaryen from "assemblyscript/binaryen";
import { measureWasm } from "./wasm-size.js";

/** Internal names asc gives to what the build has to find again. */
const START = "~start";
const START_PLACEHOLDER = "~lib/rosehip/assembly/link/runTopLevelCode";
export const START_EXPORT = "rosehip_start";

/**
 * suspend and runSlice start and stop unwinding, so the pass leaves them as they are. Inlined into a caller, or with
 * what they call inlined into them, they would keep code from being instrumented that has to be.
 */
const KEPT_APART = [
  "~lib/rosehip/assembly/task/asyncify/suspend",
  "~lib/rosehip/assembly/task/asyncify/runSlice",
  "~lib/rosehip/assembly/task/task/Task#run*",
];

/** What the pass exports for a host that suspends; here the module does so itself. */
const PASS_EXPORTS = ["start_unwind", "stop_unwind", "start_rewind", "stop_rewind", "get_state"].map(
  (name) => `asyncify_${name}`,
);

/** The global by which instrumented code knows whether to run, unwind or rewind. */
const PASS_STATE = "__asyncify_state";

/**
 * Binaryen's options belong to the process, not to the module, and asc leaves its own behind: whatever it sets is set
 * here too, so that all builds of one process come out the same. Less is inlined than by asc's -Oz (flexible 65, one
 * caller 80): the interpreter makes code of a function as a whole, of 4.6 times its size, and drops it as a whole, so what
 * happens once or seldom must not be part of what is under way. Functions of a few instructions go into their callers:
 * each function costs 28 octets of memory.
 */
function setOptions(): void {
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  binaryen.setAlwaysInlineMaxSize(8);
  binaryen.setFlexibleInlineMaxSize(20);
  binaryen.setOneCallerInlineMaxSize(40);
  binaryen.setFastMath(true);
  binaryen.setClosedWorld(true);
  binaryen.setGenerateStackIR(false);
  binaryen.setOptimizeStackIR(false);
  binaryen.setZeroFilledMemory(false);
  binaryen.setDebugInfo(true);
  binaryen.clearPassArguments();
}

export interface AsyncifyResult {
  /** Octets of code before and after the pass, both optimised. */
  readonly codeBefore: number;
  /** Functions that can be suspended. */
  readonly suspendable: readonly string[];
}

/**
 * Links the module's start function to the scheduler's first task, and makes every function that can reach a suspension
 * able to leave and come back (Binaryen's Asyncify pass). Called between asc's code generation and its optimiser.
 */
export function asyncify(module: binaryen.Module): AsyncifyResult {
  linkStart(module);
  setOptions();
  for (const name of KEPT_APART) runPass(module, "no-inline", { "no-inline": name });
  module.optimize();
  const codeBefore = measureWasm(module.emitBinary()).code;
  const ours = functions(module).map(({ name }) => name);
  // The firmware's functions return at once; only the pass's own imports suspend.
  runPass(module, "asyncify", { "asyncify-ignore-imports": "1" });
  for (const name of PASS_EXPORTS) module.removeExport(name);
  const suspendable = functions(module).filter(
    ({ name, body }) => ours.includes(name) && body !== 0 && binaryen.emitText(body).includes(PASS_STATE),
  );
  return { codeBefore, suspendable: suspendable.map(({ name }) => name) };
}

/** The scheduler imports a function that stands for the start function, which exists only after compilation. */
function linkStart(module: binaryen.Module): void {
  module.removeExport(START_EXPORT);
  module.removeFunction(START_PLACEHOLDER);
  module.addFunction(
    START_PLACEHOLDER,
    binaryen.none,
    binaryen.none,
    [],
    module.call(START, [], binaryen.none),
  );
}

function runPass(module: binaryen.Module, pass: string, settings: Record<string, string>): void {
  for (const [key, value] of Object.entries(settings)) binaryen.setPassArgument(key, value);
  module.runPasses([pass]);
  binaryen.clearPassArguments();
}

function functions(module: binaryen.Module): binaryen.FunctionInfo[] {
  return Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
}
