/** Samples for some of the matched readers only (DDSI-RTPS 2.5, 8.4.8.1: irrelevant changes; 8.3.8.4: GAP). */
import { describe, expect, test } from "vitest";
import {
  type EndpointDescription,
  type ReaderFilter,
  SERVICE_QOS,
} from "../../../host-agent/src/bridge/network.js";
import { VirtualNetwork } from "./virtual-network.js";

const topic = (reliability: "reliable" | "best_effort"): EndpointDescription => ({
  topic: "rt/topic",
  type: "test::Type",
  qos: { ...SERVICE_QOS, reliability, history: { kind: "keep_all" } },
});

/** Even samples are for the first reader, odd ones for the second, multiples of 10 for both. */
function exchange(seed: number, loss: number, reliability: "reliable" | "best_effort", octets: number) {
  const network = new VirtualNetwork(seed);
  const received: number[][] = [[], []];
  const writer = network.join().createWriter(topic("reliable"), {});
  const guids = received.map((samples) => {
    const reader = network.join().createReader(topic(reliability), {
      onSample: ({ payload }) => samples.push(payload[0] as number) > 0,
    });
    return Buffer.from(reader.guid);
  });
  network.until(() => writer.matchedCount === 2);
  network.run(100);
  network.wire.loss = loss;
  const only =
    (which: number): ReaderFilter =>
    (reader) =>
      Buffer.compare(reader, guids[which] as Uint8Array) === 0;
  for (let i = 0; i < 100; i++) {
    const to = i % 10 === 0 ? undefined : only(i % 2);
    network.at(i, () => writer.write(new Uint8Array(octets).fill(i), undefined, to));
  }
  network.run(20_000);
  return { received, acknowledged: writer.writer.acknowledged, kept: writer.writer.history.size };
}

const meant = [0, 1].map((which) =>
  Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 10 === 0 || i % 2 === which),
);

describe("a sample for some readers", () => {
  test.each([
    [1, 0, 8],
    [2, 0.2, 8],
    [3, 0.2, 8],
    [4, 0.1, 5000],
  ])("reaches those, in order, and no others: seed %i, loss %d, %i octets", (seed, loss, octets) => {
    const { received, acknowledged, kept } = exchange(seed, loss, "reliable", octets);
    expect(received).toEqual(meant);
    expect([acknowledged, kept]).toEqual([true, 0]);
  });

  test("also if they are best effort", () => {
    expect(exchange(5, 0, "best_effort", 8).received).toEqual(meant);
  });

  test("costs the other readers no datagram, and they hear of it before the next one that is theirs", () => {
    const network = new VirtualNetwork(6);
    const received: number[] = [];
    const writer = network.join().createWriter(topic("reliable"), {});
    for (const samples of [received, []]) {
      network.join().createReader(topic("reliable"), {
        onSample: ({ payload }) => samples.push(payload[0] as number) > 0,
      });
    }
    network.until(() => writer.matchedCount === 2);
    network.run(4000);
    const nobody: ReaderFilter = () => false;
    network.onSend = () => expect.unreachable("a datagram for nobody");
    for (let i = 1; i <= 300; i++) writer.write(Uint8Array.of(i & 0xff), undefined, nobody);
    network.run(1);
    network.onSend = undefined;
    expect(writer.writer.history.size).toBe(0);
    writer.write(Uint8Array.of(7));
    network.until(() => received.length > 0, 1);
    expect(received).toEqual([7]);
  });
});

describe("a reader that has been closed", () => {
  test("counts the samples that are still sent to it, once each, for 2 s", () => {
    const network = new VirtualNetwork(7);
    Object.assign(network.wire, { duplication: 1, delay: 5 });
    let late = 0;
    let taken = 0;
    const writer = network.join().createWriter(topic("reliable"), {});
    const participant = network.join();
    const reader = participant.createReader(topic("reliable"), {
      onSample: () => ++taken > 0,
      onLate: () => late++,
    });
    network.until(() => writer.matchedCount === 1);
    network.run(100);
    writer.write(Uint8Array.of(1));
    network.run(50);
    for (let i = 0; i < 5; i++) writer.write(Uint8Array.of(i));
    reader.close();
    network.run(3000);
    expect([taken, late, writer.matchedCount]).toEqual([1, 5, 0]);
  });
});
