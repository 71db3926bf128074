import binaryen from "assemblyscript/binaryen";

/** What the pass makes a module import, from the module of its other imports: called at function entries and turns of loops. */
export const LOOP_IMPORT = "log_execution";

/**
 * The same module with a call of `log_execution` wherever execution can go on for ever (Binaryen's log-execution
 * pass), so that a host can stop a loop that never ends. V8 itself has no way to interrupt WebAssembly.
 */
export function withLoopCalls(wasm: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(wasm);
  try {
    module.runPasses(["log-execution"]);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
