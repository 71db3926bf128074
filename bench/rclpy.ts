/** What our participant adds on the network side: rclpy calls a server of ours, and one of rclpy's own. */
import { RunningProcess } from "../test/system/process.js";
import { projectFile } from "../toolchain/project.js";
import type { Subject } from "./context.js";
import { environment } from "./processes.js";
import { atMost } from "./report.js";
import { callFromRclpy, findRos } from "./ros.js";
import { fromRuns } from "./statistics.js";

export const rclpy: Subject = {
  name: "rclpy client to a server on the network, no device",
  async run(context) {
    const ros = await findRos(context);
    if (typeof ros === "string") {
      context.notMeasured("round trip to our participant and to rclpy", ros);
      return;
    }
    const count = context.quick ? 30 : 500;
    const servers = {
      ours: () =>
        new RunningProcess(
          "server",
          process.execPath,
          [projectFile("dist/bench/rtps-server.js")],
          environment(context),
        ),
      rclpy: () =>
        new RunningProcess(
          "rclpy server",
          ros.python,
          [projectFile("bench/nodes/add_two_ints_server.py")],
          ros.environment,
        ),
    };
    const medians = { ours: [] as number[], rclpy: [] as number[] };
    for (let run = 0; run < context.runs; run++) {
      for (const side of ["ours", "rclpy"] as const) {
        const server = servers[side]();
        try {
          await server.waitFor(/^ready$/, 30_000);
          medians[side].push((await callFromRclpy(ros, count)).median_ms * 1000);
        } finally {
          await server.kill();
        }
      }
    }
    const ratios = medians.ours.map((ours, run) => ours / (medians.rclpy[run] ?? Number.NaN));
    context.measured("rclpy to our participant (TypeScript)", fromRuns("us", medians.ours));
    context.measured("rclpy to rclpy", fromRuns("us", medians.rclpy), {
      note: "Fast DDS at both ends as it is by default, shared memory among it",
    });
    context.measured("ours / rclpy, run by run", fromRuns("times", ratios), { target: atMost(1) });
  },
};
