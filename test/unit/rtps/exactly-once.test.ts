/** What a reliable writer promises (DDSI-RTPS 2.5, 8.4.1), whatever the wire does and whoever comes and goes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EndpointDescription,
  type ReaderFilter,
  type Sample,
  SERVICE_QOS,
} from "../../../host-agent/src/bridge/network.js";
import type { UserWriter } from "../../../host-agent/src/rtps/user-writer.js";
import { VirtualNetwork } from "./virtual-network.js";

const TOPIC: EndpointDescription = { topic: "rr/addReply", type: "test::Type", qos: SERVICE_QOS };
/** Virtual time in which all must have arrived after the last sample was written. */
const WITHIN_MS = 15_000;

const wire = fc.record({
  loss: fc.double({ min: 0, max: 0.3, noNaN: true }),
  duplication: fc.double({ min: 0, max: 0.3, noNaN: true }),
  delay: fc.double({ min: 0.05, max: 2, noNaN: true }),
  jitter: fc.double({ min: 0, max: 8, noNaN: true }),
});

/** `to`: which of the readers that stay gets it; those beyond them: all. `octets` makes some go in fragments. */
const step = fc.record({
  afterMs: fc.double({ min: 0, max: 20, noNaN: true }),
  to: fc.nat({ max: 5 }),
  octets: fc.oneof({ weight: 9, arbitrary: fc.constant(4) }, { weight: 1, arbitrary: fc.constant(5_000) }),
  /** What else happens: a reader comes, leaves with or without a word, or a reader that stays is not heard for a while. */
  also: fc.constantFrom("none", "none", "none", "come", "leave", "vanish", "mute"),
});

const toNumber = ({ payload }: Sample) => new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
const isReader = (guid: Uint8Array): ReaderFilter => {
  const own = Buffer.from(guid);
  return (reader) => Buffer.compare(reader, own) === 0;
};

function numbered(value: number, octets: number): Uint8Array {
  const payload = Buffer.alloc(octets, value);
  payload.writeUInt32LE(value, 0);
  return payload;
}

/** Three readers that stay, and others that come and go. */
class World {
  readonly network: VirtualNetwork;
  readonly writer: UserWriter;
  readonly stay: {
    readonly guid: Uint8Array;
    readonly received: number[];
    readonly mute: (on: boolean) => void;
  }[];
  private readonly passing: { leave(): void; vanish(): void }[] = [];

  constructor(seed: number) {
    this.network = new VirtualNetwork(seed);
    this.writer = this.network.join().createWriter(TOPIC, {});
    this.stay = Array.from({ length: 3 }, () => {
      const received: number[] = [];
      const participant = this.network.join();
      const onSample = (sample: Sample) => received.push(toNumber(sample)) > 0;
      const { guid } = participant.createReader(TOPIC, { onSample });
      return { guid, received, mute: (on) => this.network.mute(participant, on) };
    });
    this.network.until(() => this.writer.matchedCount === 3);
    this.network.run(2000);
  }

  happen(what: string, which: number): void {
    const one = this.stay[which % 3] as World["stay"][number];
    if (what === "come") this.come();
    else if (what === "leave") this.passing.shift()?.leave();
    else if (what === "vanish") this.passing.shift()?.vanish();
    else if (what === "mute") {
      one.mute(true);
      this.network.at(300, () => one.mute(false));
    }
  }

  private come(): void {
    if (this.passing.length > 3) return;
    const participant = this.network.join();
    participant.createReader(TOPIC, { onSample: () => true });
    this.passing.push({
      leave: () => participant.close(),
      vanish: () => this.network.unplug(participant),
    });
  }
}

describe("a reliable writer", () => {
  test("gives each reader that stays each of its samples once, in order, whoever comes and goes (fast-check prints its seed)", () => {
    fc.assert(
      fc.property(fc.nat(), wire, fc.array(step, { minLength: 20, maxLength: 150 }), (seed, link, steps) => {
        const world = new World(seed);
        const { network, writer, stay } = world;
        Object.assign(network.wire, link);
        const meant: number[][] = stay.map(() => []);
        let at = 0;
        for (const [number, { afterMs, to, octets, also }] of steps.entries()) {
          at += afterMs;
          network.at(at, () => {
            const only = stay[to];
            const identity = writer.write(numbered(number, octets), undefined, only && isReader(only.guid));
            expect(identity).toBeDefined();
            for (const [index, one] of stay.entries()) {
              if (only === undefined || only === one) meant[index]?.push(number);
            }
            world.happen(also, number);
          });
        }
        network.run(at);
        const all = () => stay.every(({ received }, i) => received.length >= (meant[i]?.length ?? 0));
        network.until(all, WITHIN_MS);
        network.run(2000);
        expect(stay.map(({ received }) => received)).toEqual(meant);
      }),
      { numRuns: 150, endOnFailure: false },
    );
  }, 60_000);

  test("keeps nothing that all have confirmed", () => {
    fc.assert(
      fc.property(fc.nat(), wire, fc.array(step, { minLength: 20, maxLength: 60 }), (seed, link, steps) => {
        const { network, writer, stay } = new World(seed);
        Object.assign(network.wire, link);
        for (const [number, { to, octets }] of steps.entries()) {
          const only = stay[to];
          writer.write(numbered(number, octets), undefined, only && isReader(only.guid));
        }
        network.until(() => writer.writer.acknowledged, 30_000);
        expect(writer.writer.history.size).toBe(0);
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});
