/** Speed of the host's message codec: what `rosehip call` and other tools that show values pay. */
import { MessageCodec, type MessageValue } from "../toolchain/interface/codec.js";
import { interfaceSources } from "../toolchain/interface/gen.js";
import { InterfaceLibrary } from "../toolchain/interface/library.js";
import { projectRoot } from "../toolchain/project.js";
import type { Context, Subject } from "./context.js";
import { fromRuns } from "./statistics.js";

const cases: readonly { readonly type: string; readonly what: string; readonly value: MessageValue }[] = [
  {
    type: "example_interfaces/srv/AddTwoInts_Request",
    what: "AddTwoInts request, 16 B",
    value: { a: 1n, b: 2n },
  },
  {
    type: "sensor_msgs/msg/JointState",
    what: "JointState of 32 joints",
    value: {
      name: Array.from({ length: 32 }, (_, i) => `joint_${i}`),
      position: Array.from({ length: 32 }, (_, i) => i / 7),
      velocity: Array.from({ length: 32 }, (_, i) => i / 11),
    },
  },
  {
    type: "sensor_msgs/msg/LaserScan",
    what: "LaserScan of 1,080 points",
    value: { ranges: Array.from({ length: 1080 }, (_, i) => i / 100) },
  },
];

/** @returns calls per second */
function rate(action: () => void, seconds: number): number {
  const BATCH = 20;
  const end = performance.now() + seconds * 1000;
  const begin = performance.now();
  let calls = 0;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i++) action();
    calls += BATCH;
  }
  return (calls * 1000) / (performance.now() - begin);
}

function measure(context: Context, what: string, octets: number, action: () => void): void {
  const seconds = context.quick ? 0.1 : 0.4;
  rate(action, seconds); // so that the code is compiled
  const rates = Array.from({ length: context.runs }, () => rate(action, seconds));
  context.measured(
    what,
    fromRuns(
      "MB/s",
      rates.map((calls) => (calls * octets) / 1e6),
    ),
    {
      note: `${Math.round(rates[0] ?? 0).toLocaleString("en-US")} messages/s of ${octets} B`,
    },
  );
}

export const codec: Subject = {
  name: "CDR codec of the host, by interface definitions",
  async run(context) {
    const library = new InterfaceLibrary(interfaceSources(projectRoot));
    for (const { type, what, value } of cases) {
      const messages = new MessageCodec(library, type);
      const payload = messages.encode(value);
      measure(context, `encode ${what}`, payload.byteLength, () => messages.encode(value));
      measure(context, `decode ${what}`, payload.byteLength, () => messages.decode(payload));
    }
  },
};
