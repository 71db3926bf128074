/** Reliable samples from one device to another through the agent, as fast as they go. */
import type { RunningProcess } from "../test/system/process.js";
import type { Context, Subject } from "./context.js";
import {
  AGENT_NAMES,
  type AgentKind,
  agentKinds,
  freePort,
  killAll,
  type ProbeLink,
  startAgent,
  startProbe,
} from "./processes.js";
import { atLeast } from "./report.js";
import { fromRuns } from "./statistics.js";

const TYPE = "bench::msg::dds_::Blob";

/** @returns messages per second at the subscriber, from its first to its last */
async function runOnce(context: Context, agent: AgentKind, size: number): Promise<number> {
  const started: RunningProcess[] = [];
  const link: ProbeLink = ["--udp", `127.0.0.1:${await freePort()}`];
  const common = { service: "bench_blobs", type: TYPE, count: context.quick ? 2000 : 30_000 };
  try {
    started.push(startAgent(context, agent, ["udp4", "-p", link[1].split(":")[1] ?? ""]));
    const subscriber = await startProbe(context, "subscriber", link, common);
    started.push(subscriber);
    await subscriber.waitFor(/^ready /);
    started.push(await startProbe(context, "publisher", link, { ...common, size, "settle-ms": 300 }));
    const found = await subscriber.waitFor(/^received (\d+) gaps (\d+) elapsed_ns (\d+)/, 30_000);
    const [received, gaps, elapsedNs] = found.slice(1).map(Number) as [number, number, number];
    if (received !== common.count || gaps !== 0) {
      throw new Error(`${received} of ${common.count} samples came, with ${gaps} gaps`);
    }
    return ((received - 1) * 1e9) / elapsedNs;
  } finally {
    await killAll(started);
  }
}

export const throughput: Subject = {
  name: "reliable samples between two devices over UDP",
  async run(context) {
    for (const [size, peer] of [
      [64, 35_000],
      [512, 21_000],
    ] as const) {
      for (const agent of agentKinds(context)) {
        const what = agent === "rosehip" ? `${size} B` : `${size} B: ${AGENT_NAMES[agent]}`;
        const rates: number[] = [];
        try {
          for (let run = 0; run < context.runs; run++) rates.push(await runOnce(context, agent, size));
        } catch (error) {
          context.failed(what, `in run ${rates.length + 1}: ${String(error).split("\n")[0]}`);
          continue;
        }
        const reference = `Micro XRCE-DDS Agent 2.4.2: ${peer / 1000} k/s (quoted)`;
        if (agent === "rosehip") {
          context.measured(what, fromRuns("messages/s", rates), { target: atLeast(peer), reference });
        } else {
          context.measured(what, fromRuns("messages/s", rates));
        }
      }
    }
  },
};
