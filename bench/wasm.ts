/** What an app costs: its module, its memory, the time of one handler in the interpreter. */
import path from "node:path";
import { buildApp } from "../toolchain/build/build.js";
import { run } from "../toolchain/firmware/process.js";
import { projectFile } from "../toolchain/project.js";
import type { Subject } from "./context.js";
import { buildHandler } from "./programs.js";
import { exactly, fromRuns } from "./statistics.js";

export const wasm: Subject = {
  name: "the app in WebAssembly",
  async run(context) {
    const app = await buildApp({
      entry: projectFile("examples/add_two_ints"),
      outDir: path.join(context.temporary, "example"),
    });
    context.measured("add_two_ints: app.wasm", exactly("B", app.wasm.byteLength), {
      note: `code ${app.size.code} B, before Asyncify ${app.size.codeBeforeAsyncify} B; data ${app.size.data} B`,
    });
    const { path: program } = await buildHandler();
    const rates: number[] = [];
    let memory = 0;
    let arena = 0;
    for (let i = 0; i < context.runs; i++) {
      const output = await run(program, [app.wasmPath, context.quick ? "0.3" : "1.5"]);
      const found = /calls (\d+) elapsed_ns (\d+) memory (\d+) arena (\d+)/.exec(output?.stdout ?? "");
      if (found === null) throw new Error(`${path.basename(program)}: ${output?.stderr ?? "cannot be run"}`);
      const [calls, elapsedNs] = [Number(found[1]), Number(found[2])];
      [memory, arena] = [Number(found[3]), Number(found[4])];
      rates.push((calls * 1e9) / elapsedNs);
    }
    context.measured("add_two_ints: handler calls in wasm3 on this computer", fromRuns("calls/s", rates), {
      note: "request decoded, handler run as a task, line logged, response encoded; no XRCE, no link",
    });
    context.measured("add_two_ints: linear memory", exactly("B", memory));
    context.measured(`add_two_ints: arena of the engine, ${process.arch}`, exactly("B", arena), {
      note: "module, compiled code, operand stack and linear memory; pointers of 64 bits",
    });
    context.notMeasured(
      "AOT against wasm3 on the same module",
      "not yet: there is no AOT engine in this version",
    );
  },
};
