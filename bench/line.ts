/** Goodput of a serial line: 400 B samples, reliable, as fast as they go, at the speed of a UART. */
import { RunningProcess } from "../test/system/process.js";
import { buildLine } from "../toolchain/firmware/firmware.js";
import type { Context, Subject } from "./context.js";
import { killAll, linkPath, startAgent, startProbe } from "./processes.js";
import { atLeast } from "./report.js";
import { fromRuns } from "./statistics.js";

const SAMPLE = 400;
/** One sample in a frame of its own, which the MTU of 512 leaves no choice about. */
const FRAME = {
  messageHeader: 4,
  submessageHeader: 4,
  requestAndObjectId: 4,
  /** Flag, two addresses, length and CRC of the serial framing. */
  framing: 7,
};
const FRAME_OCTETS = SAMPLE + Object.values(FRAME).reduce((sum, octets) => sum + octets);
/** Start bit, eight data bits, stop bit. */
const BITS_PER_OCTET = 10;

/** Octets of samples per second if the line never rests and nothing but the samples' frames is on it. */
const framingAllows = (baud: number): number => ((baud / BITS_PER_OCTET) * SAMPLE) / FRAME_OCTETS;

type Direction = "board to agent" | "agent to board";

/** @returns octets of samples per second, from the first sample to the last */
async function runOnce(context: Context, baud: number, direction: Direction): Promise<number> {
  const { path: line } = await buildLine();
  const [board, agentEnd, other] = [linkPath(context), linkPath(context), linkPath(context)];
  const [publisherEnd, subscriberEnd] = direction === "board to agent" ? [board, other] : [other, board];
  const seconds = context.quick ? 1 : 6;
  const count = Math.ceil((framingAllows(baud) * seconds) / SAMPLE);
  const common = { service: "bench_goodput", type: "bench::msg::dds_::Blob", count };
  const started: RunningProcess[] = [];
  const keep = (one: RunningProcess) => {
    started.push(one);
    return one;
  };
  try {
    const subscriber = keep(await startProbe(context, "subscriber", ["--pty", subscriberEnd], common));
    const publisher = keep(
      await startProbe(context, "publisher", ["--pty", publisherEnd], {
        ...common,
        size: SAMPLE,
        // The subscriber is ready before, also on the slow line.
        "settle-ms": 1500,
      }),
    );
    await subscriber.waitFor(/^open$/);
    await publisher.waitFor(/^open$/);
    const simulated = keep(
      new RunningProcess("line", line, ["--device", "--baud", String(baud), agentEnd, board]),
    );
    await simulated.waitFor(/^ready /);
    keep(startAgent(context, "rosehip", ["multiserial", "-D", `${agentEnd} ${other}`]));
    const found = await subscriber.waitFor(/^received (\d+) gaps (\d+) elapsed_ns (\d+)/, 60_000);
    const [received, gaps, elapsedNs] = found.slice(1).map(Number) as [number, number, number];
    if (received !== count || gaps !== 0) throw new Error(`${received} of ${count} samples, ${gaps} gaps`);
    return ((received - 1) * SAMPLE * 1e9) / elapsedNs;
  } finally {
    await killAll(started);
  }
}

export const goodput: Subject = {
  name: "goodput of a serial line, 400 B samples, reliable",
  async run(context) {
    for (const baud of context.quick ? [921_600] : [115_200, 921_600]) {
      const allowed = framingAllows(baud);
      for (const direction of ["board to agent", "agent to board"] as const) {
        const parts: number[] = [];
        for (let run = 0; run < context.runs; run++) {
          parts.push((100 * (await runOnce(context, baud, direction))) / allowed);
        }
        const measured = fromRuns("%", parts);
        context.measured(`${baud} baud, ${direction}`, measured, {
          target: atLeast(95),
          reference: `${(allowed / 1000).toFixed(2)} kB/s are what ${FRAME_OCTETS} octets for each sample allow`,
          note: `${((measured.median * allowed) / 100_000).toFixed(2)} kB/s of samples`,
        });
      }
    }
  },
};
