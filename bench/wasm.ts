/** What an app costs: its module, its memory, the time of one handler in the interpreter. */
import path from "node:path";
import { run } from "../toolchain/firmware/process.js";
import { buildBenchApp, EXAMPLE } from "./apps.js";
import type { Context, Subject } from "./context.js";
import { buildHandler, INSTALL_M32 } from "./programs.js";
import { exactly, fromRuns } from "./statistics.js";

interface Handler {
  /** Calls per second. */
  readonly rate: number;
  /** Octets of linear memory, and of the arena at most. */
  readonly memory: number;
  readonly arena: number;
}

async function runHandler(program: string, app: string, seconds: number): Promise<Handler> {
  const output = await run(program, [app, String(seconds)]);
  const found = /calls (\d+) elapsed_ns (\d+) memory (\d+) arena (\d+)/.exec(output?.stdout ?? "");
  if (found === null) throw new Error(`${path.basename(program)}: ${output?.stderr ?? "cannot be run"}`);
  const [calls, elapsedNs, memory, arena] = found.slice(1).map(Number) as [number, number, number, number];
  return { rate: (calls * 1e9) / elapsedNs, memory, arena };
}

async function engineMemory(context: Context, app: string): Promise<void> {
  const what = "add_two_ints: arena of the engine, most in use";
  let program: string;
  try {
    program = (await buildHandler({ m32: true })).path;
  } catch {
    context.notMeasured(what, INSTALL_M32);
    return;
  }
  const { arena } = await runHandler(program, app, 0.1);
  context.measured(what, exactly("B", arena), {
    note: "32-bit words; linear memory, compiled code, operand stack, the module's tables",
  });
}

export const wasm: Subject = {
  name: "the app in WebAssembly",
  async run(context) {
    const app = await buildBenchApp(EXAMPLE);
    context.measured("add_two_ints: app.wasm", exactly("B", app.wasm.byteLength), {
      note: `code ${app.size.code} B, before Asyncify ${app.size.codeBeforeAsyncify} B; data ${app.size.data} B`,
    });
    const { path: program } = await buildHandler();
    const runs: Handler[] = [];
    for (let i = 0; i < context.runs; i++) {
      runs.push(await runHandler(program, app.wasmPath, context.quick ? 0.3 : 1.5));
    }
    const rates = fromRuns(
      "calls/s",
      runs.map(({ rate }) => rate),
    );
    context.measured("add_two_ints: handler calls in wasm3 on this computer", rates, {
      note: "request decoded, handler run as a task, line logged, response encoded; no XRCE, no link",
    });
    context.measured("add_two_ints: linear memory", exactly("B", runs[0]?.memory ?? Number.NaN));
    await engineMemory(context, app.wasmPath);
  },
};
