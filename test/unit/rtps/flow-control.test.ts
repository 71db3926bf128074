/** How far a writer runs ahead of its readers, and how many datagrams that costs (DDSI-RTPS 2.5, 8.4.9 and 8.4.12). */
import { describe, expect, test } from "vitest";
import { type EndpointDescription, type Qos, SERVICE_QOS } from "../../../host-agent/src/bridge/network.js";
import { MAX_KEEP_ALL_SAMPLES, MAX_UNCONFIRMED_SAMPLES } from "../../../host-agent/src/rtps/limits.js";
import { decodeSubmessages } from "../../../host-agent/src/rtps/messages/message.js";
import { VirtualNetwork } from "./virtual-network.js";

const topic = (name: string, history: Qos["history"] = { kind: "keep_all" }): EndpointDescription => ({
  topic: name,
  type: "test::Type",
  qos: { ...SERVICE_QOS, history },
});
const octets = (value: number, length = 64) => {
  const payload = Buffer.alloc(length);
  payload.writeUInt32LE(value);
  return payload;
};
/** Entity kinds 0xc0 to 0xff are those of discovery (9.3.1.2). */
const isBuiltin = (entityId: number) => (entityId & 0xc0) === 0xc0;
const toNumber = ({ payload }: { payload: Uint8Array }) => Buffer.from(payload).readUInt32LE();
const count = (n: number) => Array.from({ length: n }, (_, index) => index);

/** One writer and one reader, whose consumer takes `room` samples and then no more; discovery is over. */
function heldBack(history?: Qos["history"], seed?: number) {
  const network = new VirtualNetwork(seed);
  const received: number[] = [];
  const state = { room: 0, kinds: [] as string[] };
  const description = topic("rt/topic", history);
  const sender = network.join();
  const receiver = network.join();
  const writer = sender.createWriter(description, {});
  const reader = receiver.createReader(description, {
    onSample: (sample) => state.room > 0 && state.room-- > 0 && received.push(toNumber(sample)) > 0,
  });
  network.until(() => writer.matchedCount === 1);
  network.run(2000);
  // Without discovery, which goes on by itself.
  network.onSend = (datagram) =>
    decodeSubmessages(datagram, (submessage) => {
      if ("writerId" in submessage && !isBuiltin(submessage.writerId)) state.kinds.push(submessage.kind);
    });
  const sent = (kind: string) => state.kinds.filter((one) => one === kind).length;
  return { network, receiver, writer, reader, received, state, sent };
}

describe("while its consumer is held back", () => {
  test("a reader is sent what it can hold, and nothing twice", () => {
    const { network, writer, state, sent } = heldBack();
    for (const value of count(MAX_KEEP_ALL_SAMPLES)) writer.write(octets(value));
    network.run(10_000);
    expect(sent("data")).toBe(MAX_UNCONFIRMED_SAMPLES);
    const before = state.kinds.length;
    network.run(60_000);
    expect(sent("data")).toBe(MAX_UNCONFIRMED_SAMPLES);
    // Announcements and one HEARTBEAT a second with its answer.
    expect(state.kinds.length - before).toBeLessThan(600);
  });

  test.each([1, 7, 20, 300])("%i samples taken at a time: each is sent once, in full datagrams", (room) => {
    const total = MAX_KEEP_ALL_SAMPLES;
    const { network, writer, reader, received, state, sent } = heldBack();
    const before = network.sent;
    for (const value of count(total)) writer.write(octets(value));
    let steps = 0;
    const step = () => {
      steps++;
      state.room = room;
      reader.resume();
      if (received.length < total) network.at(0.5, step);
    };
    network.at(1, step);
    network.until(() => received.length === total);
    network.run(1000);
    expect(received).toEqual(count(total));
    expect(sent("data")).toBe(total);
    expect(writer.writer.acknowledged).toBe(true);
    // About 12 samples fit a datagram; what the consumer takes at once is confirmed at once.
    expect(network.sent - before).toBeLessThan(total / 4);
    expect(steps).toBeLessThan((total / room) * 1.5 + 20);
  });

  test.each([1, 2, 3, 4, 5])("what the wire loses is repaired without a storm, seed %i", (seed) => {
    const total = MAX_KEEP_ALL_SAMPLES;
    const { network, writer, reader, received, state, sent } = heldBack(undefined, seed);
    network.wire.loss = 0.02;
    for (const value of count(total)) writer.write(octets(value));
    const step = () => {
      state.room = 20;
      reader.resume();
      if (received.length < total) network.at(1, step);
    };
    network.at(1, step);
    network.until(() => received.length === total);
    expect(received).toEqual(count(total));
    expect(sent("data")).toBeLessThan(total * 1.1);
  });

  test("two that hold back each other's samples do not keep each other talking", () => {
    const network = new VirtualNetwork();
    const ends = [network.join(), network.join()];
    const writers = ends.map((end, index) => end.createWriter(topic(`rt/${index}`), {}));
    ends.forEach((end, index) => {
      end.createReader(topic(`rt/${1 - index}`), { onSample: () => false });
    });
    network.until(() => writers.every(({ matchedCount }) => matchedCount === 1));
    for (const value of count(1000)) for (const writer of writers) writer.write(octets(value));
    network.run(10_000);
    const before = network.sent;
    network.run(10_000);
    expect(network.sent - before).toBeLessThan(100);
  });
});

describe("the window of a writer", () => {
  test("is open again before it closes, with readers that answer HEARTBEATs only, 10 ms away", () => {
    const { network, writer, received, state } = heldBack();
    network.wire.delay = 5;
    state.room = Number.POSITIVE_INFINITY;
    const from = network.now;
    for (const value of count(MAX_KEEP_ALL_SAMPLES)) writer.write(octets(value));
    network.until(() => received.length === MAX_KEEP_ALL_SAMPLES);
    // One round trip for each 256 samples.
    expect(network.now - from).toBeLessThan((MAX_KEEP_ALL_SAMPLES / MAX_UNCONFIRMED_SAMPLES + 2) * 10);
  });

  test("with KEEP_LAST spans only what is kept: a reader that cannot answer gets every sample", () => {
    const { network, receiver, writer, received, state } = heldBack({ kind: "keep_last", depth: 10 });
    state.room = Number.POSITIVE_INFINITY;
    network.mute(receiver, true);
    for (const value of count(1000)) network.at(value / 10, () => writer.write(octets(value)));
    network.run(200);
    expect(received).toEqual(count(1000));
  });

  test("with a deep KEEP_LAST closes, and a slow reader goes on with the newest", () => {
    const { network, writer, reader, received, state, sent } = heldBack({ kind: "keep_last", depth: 1000 });
    for (const value of count(3000)) writer.write(octets(value));
    network.run(100);
    expect(sent("data")).toBeLessThanOrEqual(2 * MAX_UNCONFIRMED_SAMPLES);
    state.room = Number.POSITIVE_INFINITY;
    reader.resume();
    network.until(() => received.at(-1) === 2999);
    expect(received.slice(-1000)).toEqual(count(3000).slice(-1000));
    expect(received).toEqual([...new Set(received)].sort((a, b) => a - b));
  });
});

describe("a confirmation", () => {
  test("travels with the reply: a service call takes two datagrams", () => {
    const network = new VirtualNetwork();
    const [client, server] = [network.join(), network.join()];
    const replies: number[] = [];
    const reply = server.createWriter(topic("rr/reply"), {});
    server.createReader(topic("rq/request"), {
      onSample: (sample) => {
        const value = toNumber(sample);
        network.at(0.5, () => reply.write(octets(value)));
        return true;
      },
    });
    const request = client.createWriter(topic("rq/request"), {});
    client.createReader(topic("rr/reply"), {
      onSample: (sample) => {
        replies.push(toNumber(sample));
        network.at(0.5, () => replies.length < 100 && request.write(octets(replies.length)));
        return true;
      },
    });
    network.until(() => request.matchedCount === 1 && reply.matchedCount === 1);
    network.run(2000);
    const before = network.sent;
    request.write(octets(0));
    network.until(() => replies.length === 100, 1000);
    // And a few announcements and HEARTBEATs that are due every 30 ms.
    expect(network.sent - before).toBeLessThanOrEqual(210);
    network.until(() => request.writer.acknowledged && reply.writer.acknowledged, 10);
  });

  test("goes alone after a few milliseconds if nothing else is sent", () => {
    const { network, writer, state } = heldBack();
    state.room = 1;
    writer.write(octets(1));
    network.until(() => writer.writer.acknowledged, 6);
  });

  test("of much is not delayed", () => {
    const { network, writer, state } = heldBack();
    state.room = 2;
    writer.write(octets(1, 1000));
    network.until(() => writer.writer.acknowledged, 6);
    writer.write(octets(1, 100_000));
    network.until(() => state.room === 0);
    network.until(() => writer.writer.acknowledged, 0.2);
  });

  test("is not sent by a reader that has been closed", () => {
    const { network, writer, reader, state, sent } = heldBack();
    state.room = 1;
    writer.write(octets(1));
    network.until(() => state.room === 0);
    const before = sent("acknack");
    reader.close();
    network.run(20);
    // The ones that are sent confirm what discovery says.
    expect(writer.matchedCount).toBe(0);
    expect(sent("acknack") - before).toBeLessThanOrEqual(2);
  });
});
