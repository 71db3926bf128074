/** Writers and readers (DDSI-RTPS 2.5, 8.4) between participants on a virtual wire with a virtual clock. */
import { describe, expect, test } from "vitest";
import type { EndpointDescription, Qos, Sample } from "../../../host-agent/src/bridge/network.js";
import { SERVICE_QOS } from "../../../host-agent/src/bridge/network.js";
import { SILENT } from "../../../host-agent/src/log.js";
import { MAX_KEEP_ALL_SAMPLES, MAX_READER_CACHE_SAMPLES } from "../../../host-agent/src/rtps/limits.js";
import { decodeSubmessages } from "../../../host-agent/src/rtps/messages/message.js";
import { mulberry32, VirtualNetwork } from "./virtual-network.js";

const QOS: Qos = { ...SERVICE_QOS, history: { kind: "keep_all" } };
const topic = (qos: Partial<Qos> = {}): EndpointDescription => ({
  topic: "rt/topic",
  type: "test::Type",
  qos: { ...QOS, ...qos },
});
const bytes = (...octets: number[]) => Uint8Array.from(octets);
const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const toNumber = ({ payload }: Sample) => new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
const count = (n: number) => Array.from({ length: n }, (_, index) => index);

/** Keeps what arrives, copied. */
function collector() {
  const samples: (Sample & { payload: Uint8Array })[] = [];
  return {
    samples,
    onSample: (sample: Sample) => {
      samples.push({ ...sample, payload: sample.payload.slice() });
      return true;
    },
  };
}

describe("reliable delivery", () => {
  test.each(count(20).map((index) => index * 7919 + 1))(
    "500 samples arrive once each and in order over a lossy, reordering, duplicating wire, seed %i",
    (seed) => {
      const network = new VirtualNetwork(seed);
      Object.assign(network.wire, { loss: 0.2, duplication: 0.1, delay: 0.2, jitter: 5 });
      const received: number[] = [];
      const writer = network.join().createWriter(topic(), {});
      network.join().createReader(topic(), { onSample: (sample) => received.push(toNumber(sample)) > 0 });
      network.until(() => writer.matchedCount === 1);
      for (const value of count(500)) network.at(value / 5, () => writer.write(number(value)));
      network.until(() => received.length >= 500);
      network.run(5000);
      expect(received).toEqual(count(500));
      expect(writer.writer.acknowledged).toBe(true);
      // A volatile writer keeps nothing that everyone has.
      expect(writer.writer.history.size).toBe(0);
    },
  );

  test.each([1, 2, 3, 4, 5])(
    "1 MB samples arrive whole although one datagram in twenty is lost, seed %i",
    (seed) => {
      const network = new VirtualNetwork(seed);
      Object.assign(network.wire, { loss: 0.05, jitter: 1 });
      const random = mulberry32(seed);
      const sent = count(3).map(() => Uint8Array.from({ length: 1_000_000 + seed }, () => random() * 256));
      const { samples, onSample } = collector();
      const writer = network.join().createWriter(topic(), {});
      network.join().createReader(topic(), { onSample });
      network.until(() => writer.matchedCount === 1);
      for (const payload of sent) writer.write(payload);
      network.until(() => samples.length === 3);
      samples.forEach(({ payload }, index) => {
        expect(Buffer.compare(payload, sent[index] as Uint8Array)).toBe(0);
      });
      // Repairs cost about what was lost, not whole samples.
      expect(network.octets).toBeLessThan(3_000_000 * 1.35);
    },
  );

  test("lost fragments of a 16 MB sample are asked for while the rest is still being sent", () => {
    const network = new VirtualNetwork(11);
    Object.assign(network.wire, { loss: 0.02 });
    const kinds: string[] = [];
    network.onSend = (datagram) =>
      decodeSubmessages(datagram, ({ kind }) => kind === "infoDestination" || kinds.push(kind));
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(2000);
    kinds.length = 0;
    const payload = new Uint8Array(16 * 1024 * 1024).map((_, index) => index * 31);
    writer.write(payload);
    network.until(() => samples.length === 1);
    expect(Buffer.compare(samples[0]?.payload as Uint8Array, payload)).toBe(0);
    const total = Math.ceil(payload.length / 1164);
    const before = kinds.slice(0, kinds.indexOf("nackFrag")).filter((kind) => kind === "dataFrag");
    expect(kinds).toContain("heartbeatFrag");
    expect(before.length).toBeLessThan(total / 2);
    expect(kinds.filter((kind) => kind === "dataFrag").length).toBeLessThan(total * 1.1);
  });

  test("a sample of every length around the fragment size arrives as it was", () => {
    const network = new VirtualNetwork();
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    const lengths = [0, 1, 2, 3, 4, 5, 1015, 1019, 1020, 1023, 1024, 1159, 1160, 1161, 2323, 2324, 2325];
    for (const length of lengths) writer.write(new Uint8Array(length).fill(length));
    network.until(() => samples.length === lengths.length);
    // The encapsulation options say how many octets are padding (DDS-XTypes 1.3, 7.6.3.1.2).
    expect(samples.map(({ payload }) => payload.length)).toEqual(lengths);
  });

  test("several samples written in one go share a datagram, with one HEARTBEAT", () => {
    const network = new VirtualNetwork();
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(2000);
    const before = network.sent;
    for (const value of count(10)) writer.write(number(value));
    network.run(200);
    expect(samples).toHaveLength(10);
    // The other one is the acknowledgement.
    expect(network.sent - before).toBe(2);
  });

  test("nothing is sent on an idle network but the announcements", () => {
    const network = new VirtualNetwork();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), collector());
    network.until(() => writer.matchedCount === 1);
    writer.write(number(1));
    network.run(30_000);
    const before = network.sent;
    network.run(30_000);
    // Two participants, every 3 s.
    expect(network.sent - before).toBeLessThanOrEqual(20);
  });

  test("two participants on the same host use large datagrams", () => {
    const network = new VirtualNetwork();
    let largest = 0;
    network.onSend = (datagram) => {
      largest = Math.max(largest, datagram.length);
    };
    const { samples, onSample } = collector();
    const writer = network.join({ local: true }).createWriter(topic(), {});
    network.join({ local: true }).createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    writer.write(new Uint8Array(1_000_000));
    network.until(() => samples.length === 1);
    expect(largest).toBeGreaterThan(60_000);
    expect(largest).toBeLessThanOrEqual(61_440);
  });

  test("between hosts no datagram is over an Ethernet frame", () => {
    const network = new VirtualNetwork();
    let largest = 0;
    network.onSend = (datagram) => {
      largest = Math.max(largest, datagram.length);
    };
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    for (const length of count(300)) writer.write(new Uint8Array(length * 10));
    network.until(() => samples.length === 300);
    expect(largest).toBeLessThanOrEqual(1420);
  });
});

describe("identity", () => {
  test("the related sample identity travels, SEQUENCE_NUMBER_UNKNOWN as well, also with fragments", () => {
    const network = new VirtualNetwork();
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    const guid = Uint8Array.from(count(16));
    const big = 2n ** 40n + 7n;
    const identities = [
      writer.write(bytes(1), { guid, sequenceNumber: -1n }),
      writer.write(bytes(2), { guid, sequenceNumber: big }),
      writer.write(new Uint8Array(5000), { guid, sequenceNumber: 3n }),
      writer.write(bytes(4)),
    ];
    network.until(() => samples.length === 4);
    expect(samples.map(({ related }) => related?.sequenceNumber)).toEqual([-1n, big, 3n, undefined]);
    expect(samples.slice(0, 3).map(({ related }) => [...(related?.guid ?? [])])).toEqual([
      count(16),
      count(16),
      count(16),
    ]);
    expect(samples.map(({ writer: { sequenceNumber } }) => sequenceNumber)).toEqual([1n, 2n, 3n, 4n]);
    expect(identities.map((identity) => identity?.sequenceNumber)).toEqual([1n, 2n, 3n, 4n]);
    expect([...(samples[0]?.writer.guid ?? [])]).toEqual([...writer.guid]);
  });
});

describe("encapsulation (DDS-XTypes 1.3, 7.6.3.1.2)", () => {
  test("plain CDR of both byte orders is handed on; anything else is dropped and reported once per writer", () => {
    const network = new VirtualNetwork();
    const errors: string[] = [];
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    const log = { ...SILENT, error: (message: string) => errors.push(message) };
    network.join({ log }).createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    writer.writer.write(bytes(0, 0, 0, 0, 1, 2, 3, 4)); // CDR_BE
    writer.writer.write(bytes(0, 1, 0, 2, 5, 6, 0, 0)); // CDR_LE, two octets of padding
    writer.writer.write(bytes(0, 7, 0, 0, 7, 7, 7, 7)); // PLAIN_CDR2_LE
    writer.writer.write(bytes(0, 9, 0, 0, 7, 7, 7, 7)); // D_CDR2_LE
    writer.writer.write(bytes(0, 1, 0, 0, 8, 8, 8, 8));
    network.until(() => samples.length === 3);
    network.run(1000);
    expect(samples.map(({ payload, littleEndian }) => [[...payload], littleEndian])).toEqual([
      [[1, 2, 3, 4], false],
      [[5, 6], true],
      [[8, 8, 8, 8], true],
    ]);
    expect(errors).toEqual(["samples are not in plain CDR (XCDR1); they are dropped"]);
    network.until(() => writer.writer.acknowledged);
  });
});

describe("durability and history", () => {
  test("a transient-local late joiner gets the last samples of the depth, then what follows", () => {
    const network = new VirtualNetwork();
    const durable = topic({ durability: "transient_local", history: { kind: "keep_last", depth: 3 } });
    const writer = network.join().createWriter(durable, {});
    for (const value of count(10)) writer.write(number(value));
    const { samples, onSample } = collector();
    network.join().createReader(durable, { onSample });
    network.until(() => samples.length === 3);
    writer.write(number(10));
    network.run(5000);
    expect(samples.map(toNumber)).toEqual([7, 8, 9, 10]);
  });

  test("a volatile late joiner gets only what follows", () => {
    const network = new VirtualNetwork();
    const durable = topic({ durability: "transient_local" });
    const writer = network.join().createWriter(durable, {});
    for (const value of count(10)) writer.write(number(value));
    const { samples, onSample } = collector();
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(1000);
    writer.write(number(10));
    network.run(5000);
    expect(samples.map(toNumber)).toEqual([10]);
  });

  test("samples older than LIFESPAN are not given to late joiners", () => {
    const network = new VirtualNetwork();
    const durable = topic({ durability: "transient_local", lifespan: 1_000_000_000n });
    const writer = network.join().createWriter(durable, {});
    writer.write(number(1));
    network.run(700);
    writer.write(number(2));
    network.run(700);
    const { samples, onSample } = collector();
    network.join().createReader(topic({ durability: "transient_local" }), { onSample });
    network.until(() => samples.length === 1, 200);
    expect(samples.map(toNumber)).toEqual([2]);
    network.run(5000);
    expect(writer.writer.history.size).toBe(0);
  });

  test("KEEP_ALL has room again when LIFESPAN ends, though no reader acknowledges, and says so", () => {
    const network = new VirtualNetwork();
    const mortal = topic({ lifespan: 1_000_000_000n });
    let space = 0;
    const writer = network.join().createWriter(mortal, { onSpace: () => space++ });
    const receiver = network.join();
    receiver.createReader(mortal, { onSample: () => true });
    network.until(() => writer.matchedCount === 1);
    network.run(1000);
    network.unplug(receiver);
    for (const value of count(MAX_KEEP_ALL_SAMPLES)) writer.write(number(value));
    expect(writer.write(number(0))).toBeUndefined();
    network.run(999);
    expect(space).toBe(0);
    network.run(2);
    expect([space, writer.matchedCount, writer.writer.history.size]).toEqual([1, 1, 0]);
    expect(writer.write(number(0))).toBeDefined();
  });

  test("KEEP_LAST drops the oldest when a reader does not acknowledge; the reader goes on after the gap", () => {
    const network = new VirtualNetwork();
    const keepLast = topic({ history: { kind: "keep_last", depth: 2 } });
    const writer = network.join().createWriter(keepLast, {});
    const { samples, onSample } = collector();
    network.join().createReader(keepLast, { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(1000);
    network.wire.loss = 1;
    for (const value of count(10)) writer.write(number(value));
    network.run(200);
    network.wire.loss = 0;
    network.until(() => samples.length === 2);
    expect(samples.map(toNumber)).toEqual([8, 9]);
    expect(writer.writer.history.size).toBeLessThanOrEqual(2);
  });

  test("KEEP_ALL refuses when full, calls onSpace when a reader has caught up, and loses nothing", () => {
    const network = new VirtualNetwork();
    const { samples, onSample } = collector();
    let space = 0;
    let insideWrite = false;
    const writer = network.join().createWriter(topic(), {
      onSpace: () => {
        expect(insideWrite).toBe(false);
        space++;
      },
    });
    network.join().createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(1000);
    network.wire.loss = 1;
    let written = 0;
    insideWrite = true;
    while (writer.write(number(written)) !== undefined) written++;
    insideWrite = false;
    expect(written).toBe(MAX_KEEP_ALL_SAMPLES);
    network.run(100);
    expect(space).toBe(0);
    network.wire.loss = 0;
    network.until(() => space === 1);
    expect(writer.write(number(written))).toBeDefined();
    network.until(() => samples.length === written + 1);
    expect(samples.map(toNumber)).toEqual(count(written + 1));
  });

  test("a sample over the limit is refused with a stable code", () => {
    const writer = new VirtualNetwork().join().createWriter(topic(), {});
    expect(() => writer.write(new Uint8Array(33 * 1024 * 1024))).toThrow(
      expect.objectContaining({ code: "NETWORK_SAMPLE_TOO_LARGE" }),
    );
  });
});

describe("back-pressure of a reader", () => {
  test("refused samples are kept, unacknowledged, and offered again in order", () => {
    const network = new VirtualNetwork(5);
    Object.assign(network.wire, { loss: 0.05, jitter: 1 });
    const received: number[] = [];
    let open = false;
    const writer = network.join().createWriter(topic(), {});
    const reader = network.join().createReader(topic(), {
      onSample: (sample) => open && received.push(toNumber(sample)) > 0,
    });
    network.until(() => writer.matchedCount === 1);
    const total = MAX_READER_CACHE_SAMPLES * 3;
    for (const value of count(total)) writer.write(number(value));
    network.run(5000);
    expect(received).toEqual([]);
    expect(writer.writer.history.size).toBe(total);
    open = true;
    reader.resume();
    // What was cached is offered inside the call.
    expect(received.length).toBeGreaterThan(1);
    network.until(() => received.length === total);
    expect(received).toEqual(count(total));
  });

  test("a reader that refuses every other sample gets each once", () => {
    const network = new VirtualNetwork();
    const received: number[] = [];
    let turn = 0;
    const writer = network.join().createWriter(topic(), {});
    const reader = network.join().createReader(topic(), {
      onSample: (sample) => turn++ % 2 === 1 && received.push(toNumber(sample)) > 0,
    });
    network.until(() => writer.matchedCount === 1);
    for (const value of count(50)) writer.write(number(value));
    for (const step of count(60)) network.at(step, () => reader.resume());
    network.run(1000);
    expect(received).toEqual(count(50));
  });

  test("a best-effort reader drops what it refuses", () => {
    const network = new VirtualNetwork();
    const received: number[] = [];
    const effort = topic({ reliability: "best_effort" });
    const writer = network.join().createWriter(effort, {});
    network.join().createReader(effort, {
      onSample: (sample) => toNumber(sample) % 2 === 0 && received.push(toNumber(sample)) > 0,
    });
    network.until(() => writer.matchedCount === 1);
    for (const value of count(10)) writer.write(number(value));
    network.run(1000);
    expect(received).toEqual([0, 2, 4, 6, 8]);
  });
});

describe("best effort", () => {
  test("what arrives is in order, without duplicates, and nothing is repeated", () => {
    const network = new VirtualNetwork(3);
    Object.assign(network.wire, { jitter: 3 });
    const effort = topic({ reliability: "best_effort" });
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(effort, {});
    network.join().createReader(effort, { onSample });
    network.until(() => writer.matchedCount === 1);
    network.run(5000);
    Object.assign(network.wire, { loss: 0.3, duplication: 0.3 });
    const before = network.sent;
    for (const value of count(200)) network.at(value, () => writer.write(number(value)));
    network.run(250);
    const values = samples.map(toNumber);
    expect(values.length).toBeGreaterThan(50);
    expect(values.length).toBeLessThan(200);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    expect(network.sent - before).toBeLessThanOrEqual(201);
  });

  test("a best-effort reader of a reliable writer gets large samples too", () => {
    const network = new VirtualNetwork();
    const { samples, onSample } = collector();
    const writer = network.join().createWriter(topic(), {});
    network.join().createReader(topic({ reliability: "best_effort" }), { onSample });
    network.until(() => writer.matchedCount === 1);
    for (const value of count(4)) writer.write(new Uint8Array(300_000).fill(value));
    network.until(() => samples.length === 4);
    expect(samples.map(({ payload }) => payload[299_999])).toEqual(count(4));
  });
});

describe("within one participant", () => {
  test("endpoints match each other, large samples and replies included", () => {
    const network = new VirtualNetwork();
    const participant = network.join();
    const { samples, onSample } = collector();
    const writer = participant.createWriter(topic(), {});
    participant.createReader(topic(), { onSample });
    network.until(() => writer.matchedCount === 1);
    writer.write(bytes(1, 2, 3, 4));
    writer.write(new Uint8Array(1_000_000));
    network.until(() => samples.length === 2);
    expect(network.sent).toBe(0);
    expect(samples.map(({ payload }) => payload.length)).toEqual([4, 1_000_000]);
    network.until(() => writer.writer.acknowledged);
  });
});
