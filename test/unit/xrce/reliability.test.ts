import { describe, expect, test } from "vitest";
import { createPubSub, endpoint, group, ID, participant, read, topic, write } from "./support/entities.js";
import { type Harness, settle, startHarness } from "./support/harness.js";
import { TestClient, type TestClientOptions } from "./support/test-client.js";

/** Repeatable random numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function pass(harness: Harness, client: TestClient, ms: number): Promise<void> {
  for (let t = 0; t < ms; t += 20) {
    await settle();
    harness.clock.advance(20);
    if (t % 100 === 0) client.heartbeat();
  }
  await settle();
}

/** Everything a client does with two endpoints, ten samples with one in fragments, over a link that the options spoil. */
async function session(
  options: TestClientOptions,
): Promise<{ client: TestClient; got: string[]; sent: string[] }> {
  // The test client has no life of its own that it could show.
  const harness = await startHarness({ leaseMs: 60_000 });
  const client = new TestClient(harness, options);
  for (let i = 0; i < 50 && harness.agent.clientCount === 0; i++) await client.connect();
  client.send(participant(client, "talker"), topic(client, "rt/chatter", "T"));
  client.send(group(client, ID.publisher), group(client, ID.subscriber));
  client.send(endpoint(client, ID.writer, 3, 10), endpoint(client, ID.reader, 3, 10));
  read(client, ID.reader);
  await pass(harness, client, 3_000);
  const sent: string[] = [];
  for (let i = 0; i < 10; i++) {
    const payload = new Uint8Array(i === 5 ? 1500 : 4).fill(i);
    sent.push(Buffer.from(payload).toString("hex"));
    if (i !== 5) write(client, ID.writer, payload);
    else {
      const requestId = client.newRequestId();
      client.sendFragments(
        { kind: "write_data", requestId, objectId: ID.writer, format: 0, payload, littleEndian: true },
        500,
      );
    }
  }
  await pass(harness, client, 6_000);
  const data = client.received.filter((one) => one.kind === "data");
  await harness.agent.close();
  return { client, sent, got: data.map(({ payload }) => Buffer.from(payload).toString("hex")) };
}

describe("one fault at each message", () => {
  const upTo = 24;
  const nth = (n: number, copies: number, way: "up" | "down") => {
    let count = 0;
    return (direction: "up" | "down") => (direction === way && count++ === n ? copies : 1);
  };

  for (const way of ["up", "down"] as const) {
    test.each(Array.from({ length: upTo }, (_, n) => n))(`message %i ${way} is lost`, async (n) => {
      const { client, sent, got } = await session({ copies: nth(n + 1, 0, way) });
      expect(got).toEqual(sent);
      expect(client.allAcknowledged).toBe(true);
    });
    test.each(Array.from({ length: upTo }, (_, n) => n))(`message %i ${way} comes twice`, async (n) => {
      const { sent, got } = await session({ copies: nth(n, 2, way) });
      expect(got).toEqual(sent);
    });
  }

  test.each(Array.from({ length: upTo }, (_, n) => n))("message %i is overtaken by the next", async (n) => {
    let count = 0;
    const { sent, got } = await session({ reorder: () => count++ === n + 2 });
    expect(got).toEqual(sent);
  });
});

test("a link that loses, doubles and reorders at random loses no sample (seeds printed on failure)", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const chance = random(seed);
    const copies = () => (chance() < 0.2 ? 0 : chance() < 0.1 ? 2 : 1);
    const { sent, got } = await session({ copies, reorder: () => chance() < 0.1 });
    expect(got, `seed ${seed}`).toEqual(sent);
  }
});

test("the same to Rosehip's firmware, whose small samples share messages", async () => {
  const properties = [{ name: "rosehip", value: "1" }];
  for (let seed = 41; seed <= 80; seed++) {
    const chance = random(seed);
    const copies = () => (chance() < 0.2 ? 0 : chance() < 0.1 ? 2 : 1);
    const { sent, got } = await session({ copies, reorder: () => chance() < 0.1, properties });
    expect(got, `seed ${seed}`).toEqual(sent);
  }
});

describe("a reliable output stream (8.4.10 to 8.4.12)", () => {
  async function withMutedReader(): Promise<{ harness: Harness; client: TestClient; statuses: number }> {
    const harness = await startHarness();
    const client = new TestClient(harness);
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    const statuses = client.all("status").length;
    client.mute = true;
    client.heard.length = 0;
    return { harness, client, statuses };
  }
  const deliver = (harness: Harness, count: number): void => {
    for (let i = 0; i < count; i++) {
      const writer = { guid: new Uint8Array(16), sequenceNumber: BigInt(i + 1) };
      const sample = { payload: Uint8Array.of(i), littleEndian: true, writer };
      harness.network().deliver(harness.network().reader("rt/chatter"), sample);
    }
  };

  test.each([
    ["Rosehip's firmware", [{ name: "rosehip", value: "1" }], 100, 5],
    ["Rosehip's firmware", [{ name: "rosehip", value: "1" }], 300, 40],
    ["others, of which the Micro XRCE-DDS Client takes only the first of a message", [], 100, 40],
  ])(
    "samples that come together share messages up to the MTU of 508 only to %s",
    async (_who, properties, octets, messages) => {
      const harness = await startHarness();
      const client = new TestClient(harness, { properties });
      await client.connect();
      await createPubSub(client);
      read(client, ID.reader);
      const before = client.heard.length;
      for (let i = 0; i < 40; i++) {
        const writer = { guid: new Uint8Array(16), sequenceNumber: BigInt(i + 1) };
        const sample = { payload: new Uint8Array(octets - 8).fill(i), littleEndian: true, writer };
        harness.network().deliver(harness.network().reader("rt/chatter"), sample);
      }
      await settle();
      const counts = client.heard
        .slice(before)
        .map(({ submessages }) => submessages.filter(({ kind }) => kind === "data").length)
        .filter((count) => count > 0);
      expect(client.all("data").map(({ payload }) => payload[0])).toEqual(
        Array.from({ length: 40 }, (_, i) => i),
      );
      expect(counts.length).toBe(Math.max(messages, Math.ceil((40 * octets) / 508)));
      expect(Math.max(...client.sizes)).toBeLessThanOrEqual(508);
    },
  );

  test("with room again is not kept waiting by another that has none", async () => {
    const { harness, client, statuses } = await withMutedReader();
    const second = 0x0026;
    client.send(endpoint(client, second, 3, 10));
    await settle();
    client.sendControl({ kind: "acknack", firstUnacked: statuses + 1, missing: 0, streamId: 0x80 });
    read(client, second, 0x81);
    const readers = harness.network().readers.filter(({ description }) => description.topic === "rt/chatter");
    for (const reader of readers.reverse()) {
      for (let i = 0; i < 20; i++) {
        const writer = { guid: new Uint8Array(16), sequenceNumber: BigInt(i + 1) };
        harness.network().deliver(reader, { payload: Uint8Array.of(i), littleEndian: true, writer });
      }
    }
    const sent = (objectId: number) => client.all("data").filter((one) => one.objectId === objectId).length;
    expect([sent(second), sent(ID.reader)]).toEqual([16, 16]);
    client.sendControl({ kind: "acknack", firstUnacked: statuses + 17, missing: 0, streamId: 0x80 });
    expect([sent(second), sent(ID.reader)]).toEqual([16, 20]);
    client.sendControl({ kind: "acknack", firstUnacked: 16, missing: 0, streamId: 0x81 });
    expect([sent(second), sent(ID.reader)]).toEqual([20, 20]);
  });

  test("heartbeats follow an unacknowledged message at 20 ms and double to every 200 ms", async () => {
    const { harness, client, statuses } = await withMutedReader();
    deliver(harness, 1);
    const at: number[] = [];
    for (let ms = 1; ms <= 1000; ms++) {
      const before = client.all("heartbeat").length;
      harness.clock.advance(1);
      if (client.all("heartbeat").length > before) at.push(ms);
    }
    expect(at).toEqual([20, 60, 140, 300, 500, 700, 900]);
    expect(client.all("heartbeat")[0]).toEqual({
      kind: "heartbeat",
      firstUnacked: statuses,
      last: statuses,
      streamId: 0x80,
    });
  });

  test("a message reported missing again and again is sent again once per round trip", async () => {
    const { harness, client, statuses } = await withMutedReader();
    deliver(harness, 4);
    const report = () =>
      client.sendControl({ kind: "acknack", firstUnacked: statuses, missing: 1, streamId: 0x80 });
    for (let i = 0; i < 3; i++) report();
    expect(client.all("data")).toHaveLength(5);
    harness.clock.advance(10);
    report();
    expect(client.all("data")).toHaveLength(6);
  });

  test("acknowledgements of messages never sent, or long acknowledged, are ignored", async () => {
    const { harness, client, statuses } = await withMutedReader();
    deliver(harness, 2);
    client.sendControl({ kind: "acknack", firstUnacked: statuses + 3, missing: 0, streamId: 0x80 });
    client.sendControl({ kind: "acknack", firstUnacked: statuses - 3, missing: 0xffff, streamId: 0x80 });
    client.sendControl({ kind: "acknack", firstUnacked: 0, missing: 0xffff, streamId: 0x42 });
    expect(client.all("data")).toHaveLength(2);
    harness.clock.advance(1000);
    expect(client.all("heartbeat").at(-1)).toMatchObject({ firstUnacked: statuses, last: statuses + 1 });
  });

  test("a client that answers but cannot hold a fragmented sample is given up after 10 s, not for ever", async () => {
    const { harness, client, statuses } = await withMutedReader();
    const writer = { guid: new Uint8Array(16), sequenceNumber: 1n };
    const sample = { payload: new Uint8Array(20_000), littleEndian: true, writer };
    harness.network().deliver(harness.network().reader("rt/chatter"), sample);
    for (let i = 0; i < 110 && harness.agent.clientCount === 1; i++) {
      client.sendControl({ kind: "acknack", firstUnacked: statuses, missing: 1, streamId: 0x80 });
      harness.clock.advance(100);
    }
    expect(harness.agent.clientCount).toBe(0);
    expect(harness.events.at(-1)).toMatchObject({
      type: "client_gone",
      reason: expect.stringContaining("fragments"),
    });
  });

  test("sequence numbers wrap around 65535", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness);
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    for (let i = 0; i < 66_000; i++) {
      write(client, ID.writer, Uint8Array.of(i, i >> 8));
      if (i % 10 === 0) await settle();
      client.heard.length = 0;
    }
    await settle();
    expect(client.received.filter(({ kind }) => kind === "data")).toHaveLength(66_000);
    expect(client.allAcknowledged).toBe(true);
  }, 30_000);
});

describe("a reliable input stream (8.4.13, 8.4.14)", () => {
  test("a heartbeat that begins beyond the expected message skips, and the loss is told", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness);
    await client.connect();
    client.sendControl({ kind: "heartbeat", firstUnacked: 5, last: 6, streamId: 0x80 });
    expect(client.all("acknack").at(-1)).toEqual({
      kind: "acknack",
      firstUnacked: 5,
      missing: 0b11,
      streamId: 0x80,
    });
    expect(harness.events).toContainEqual({ type: "messages_skipped", clientKey: client.key, count: 5 });
  });

  test("messages beyond the window are dropped, not kept", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness);
    await client.connect();
    for (let i = 0; i < 20; i++) client.newRequestId();
    const far = { sessionId: 0x81, streamId: 0x80, sequenceNumber: 16 };
    const { encodeMessage } = await import("../../../host-agent/src/xrce/message/message.js");
    client.sendRaw(encodeMessage(far, [participant(client, "n")]));
    expect(client.all("acknack").at(-1)).toEqual({
      kind: "acknack",
      firstUnacked: 0,
      missing: 0,
      streamId: 0x80,
    });
  });

  test("fragments over the limit are refused with a status, and the stream goes on", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness, { mtu: 60_000 });
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    const requestId = client.newRequestId();
    const payload = new Uint8Array(1_100_000);
    client.sendFragments(
      { kind: "write_data", requestId, objectId: ID.writer, format: 0, payload, littleEndian: true },
      50_000,
    );
    const answers = client.statuses().filter((one) => one.requestId === requestId);
    expect(answers.map(({ status }) => status)).toEqual([0x87]);
    write(client, ID.writer, Uint8Array.of(1));
    await settle();
    expect(client.all("data")).toHaveLength(1);
  });

  test("a WRITE_DATA in fragments of more than 65,535 octets, its length 0, arrives whole", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness);
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    const payload = Uint8Array.from({ length: 70_000 }, (_, i) => i % 249);
    const requestId = client.newRequestId();
    client.sendFragments(
      { kind: "write_data", requestId, objectId: ID.writer, format: 0, payload, littleEndian: true },
      496,
    );
    await settle();
    const got = client.received.at(-1);
    expect(got?.kind === "data" && Buffer.compare(got.payload, payload)).toBe(0);
  });

  test("best-effort messages that come late or twice are dropped", async () => {
    const harness = await startHarness();
    const client = new TestClient(harness, { copies: (direction) => (direction === "up" ? 2 : 1) });
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    const requestId = client.newRequestId();
    client.sendBestEffort({
      kind: "write_data",
      requestId,
      objectId: ID.writer,
      format: 0,
      payload: Uint8Array.of(1),
      littleEndian: true,
    });
    await settle();
    expect(client.received.filter(({ kind }) => kind === "data")).toHaveLength(1);
  });
});
