import { beforeEach, describe, expect, test } from "vitest";
import { OBJECTID_CLIENT } from "../../../host-agent/src/xrce/message/object-id.js";
import { createPubSub, ID, participant, read, request } from "./support/entities.js";
import { type Harness, settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness({ lookupTypeHash: () => `RIHS01_${"11".repeat(32)}` });
});

const last = <T>(list: readonly T[]): T | undefined => list.at(-1);
const types = () => harness.events.map(({ type }) => type);

describe("CREATE_CLIENT (8.3.5.1)", () => {
  test("is answered with STATUS_AGENT under the client's session id", async () => {
    const client = new TestClient(harness);
    await client.connect();
    expect(client.heard[0]?.header).toEqual({ sessionId: 0x81, streamId: 0, sequenceNumber: 0 });
    expect(client.all("status_agent")[0]).toMatchObject({ status: 0, cookie: 0x58524345, versionMajor: 1 });
    expect(harness.agent.clientCount).toBe(1);
  });

  test("a session id below 0x80 puts the client key into every header", async () => {
    const client = new TestClient(harness, { sessionId: 0x01, key: 0xa1b2c3d4 });
    await client.connect();
    expect(client.heard[0]?.header).toEqual({
      sessionId: 1,
      streamId: 0,
      sequenceNumber: 0,
      clientKey: 0xa1b2c3d4,
    });
    expect(await request(client, participant(client, "node_a"))).toEqual([0]);
    expect(client.heard.every(({ header }) => header.clientKey === 0xa1b2c3d4)).toBe(true);
  });

  test.each([
    ["wrong cookie", { cookie: 0x58524344 }, 0x85],
    ["other major version", { major: 2 }, 0x86],
    ["MTU 0, which stops the Micro XRCE-DDS Agent", { mtu: 0 }, 0x85],
    ["MTU 4, which stops the Micro XRCE-DDS Agent", { mtu: 4 }, 0x85],
    ["MTU 8, which silences the Micro XRCE-DDS Agent", { mtu: 8 }, 0x85],
    ["MTU 39", { mtu: 39 }, 0x85],
    ["MTU 40, the least", { mtu: 40 }, 0x00],
  ])("%s", async (_name, change, status) => {
    const client = new TestClient(harness);
    await client.connect(change);
    expect(client.all("status_agent")[0]?.status).toBe(status);
    expect(harness.agent.clientCount).toBe(status === 0 ? 1 : 0);
    if (status !== 0) expect(types()).toContain("client_refused");
  });

  test("the key 00000000 is refused", async () => {
    const client = new TestClient(harness, { key: 0 });
    await client.connect();
    expect(client.all("status_agent")[0]?.status).toBe(0x85);
  });

  test("the smallest MTU is honoured in every answer, also with a key in the header", async () => {
    const client = new TestClient(harness, { sessionId: 1, mtu: 40 });
    await client.connect();
    await createPubSub(client);
    read(client, ID.reader);
    client.sendControl({ kind: "get_info", requestId: 9, objectId: 0xfffd, mask: 3 });
    client.sendControl({ kind: "timestamp", transmit: { seconds: 1, nanoseconds: 2 } });
    const network = harness.network();
    network.writer("rt/chatter").write(new Uint8Array(500).fill(7));
    for (let i = 0; i < 100; i++) {
      await settle();
      harness.clock.advance(20);
    }
    expect(Math.max(...client.sizes)).toBeLessThanOrEqual(40);
    const sample = last(client.received);
    expect(sample?.kind === "data" && Buffer.from(sample.payload).toString("hex")).toBe("07".repeat(500));
  });

  test("the same key and session keeps the objects and starts the streams anew", async () => {
    const client = new TestClient(harness);
    await client.connect();
    await request(client, participant(client, "node_a"));
    await client.connect();
    expect(harness.network().nodes).toEqual(["/node_a"]);
    const again = participant(client, "node_a", { reuse: true, replace: false });
    expect(await request(client, again)).toEqual([0x01]);
    expect(last(client.received)).toMatchObject({ kind: "status", requestId: again.requestId });
  });

  test("another session id on the same key frees the old objects, which the Micro XRCE-DDS Agent leaks", async () => {
    const old = new TestClient(harness, { peerKey: "a" });
    await old.connect();
    await createPubSub(old);
    const fresh = new TestClient(harness, { peerKey: "a", sessionId: 0x82 });
    await fresh.connect();
    const network = harness.network();
    expect([network.nodes, network.readers, network.writers]).toEqual([[], [], []]);
    expect(harness.agent.clientCount).toBe(1);
  });

  test("a board that rebooted with a random key takes the place of its old self: no ghost stays", async () => {
    const before = new TestClient(harness, { key: 1, peerKey: "serial:/dev/ttyX#1" });
    await before.connect();
    await request(before, participant(before, "board"));
    const after = new TestClient(harness, { key: 2, peerKey: "serial:/dev/ttyX#1" });
    await after.connect();
    expect(harness.agent.clientCount).toBe(1);
    expect(harness.network().nodes).toEqual([]);
    await request(after, participant(after, "board"));
    expect(harness.network().nodes).toEqual(["/board"]);
  });

  test("clients with a key in the header may share one endpoint", async () => {
    const one = new TestClient(harness, { key: 1, sessionId: 1, peerKey: "gateway" });
    const two = new TestClient(harness, { key: 2, sessionId: 2, peerKey: "gateway" });
    await one.connect();
    await two.connect();
    expect(await request(one, participant(one, "one"))).toEqual([0]);
    expect(await request(two, participant(two, "two"))).toEqual([0]);
    expect(harness.network().nodes).toEqual(["/one", "/two"]);
  });
});

describe("two devices with one key", () => {
  test("are reported once, whoever creates its session again", async () => {
    const a = new TestClient(harness, { peerKey: "a" });
    const b = new TestClient(harness, { peerKey: "b" });
    for (let i = 0; i < 4; i++) {
      await a.connect();
      await b.connect();
      harness.clock.advance(500);
    }
    const reports = harness.events.filter(({ type }) => type === "duplicate_client_key");
    expect(reports).toEqual([{ type: "duplicate_client_key", clientKey: 0x11223344, peers: ["a", "b"] }]);
    expect(harness.lines.some((line) => line.startsWith("error two devices use the same client key"))).toBe(
      true,
    );
  });

  test("are reported when the one that lost its session goes on speaking", async () => {
    const a = new TestClient(harness, { peerKey: "a" });
    const b = new TestClient(harness, { peerKey: "b" });
    await a.connect();
    await b.connect();
    harness.clock.advance(1500);
    a.sendControl({ kind: "get_info", requestId: 10, objectId: 0xfffd, mask: 2 });
    expect(types()).toContain("duplicate_client_key");
    expect(last(a.all("info"))?.implementationStatus).toBe(0);
  });

  test("a device that got a new address is no duplicate", async () => {
    for (const peerKey of ["a", "b", "c"]) await new TestClient(harness, { peerKey }).connect();
    expect(types()).not.toContain("duplicate_client_key");
  });
});

describe("messages without a session", () => {
  test("GET_INFO says that the session is not known, other requests get silence", async () => {
    const client = new TestClient(harness);
    client.sendControl({ kind: "get_info", requestId: 10, objectId: 0xfffd, mask: 2 });
    client.send(participant(client, "node_a"));
    await settle();
    expect(client.heard).toHaveLength(1);
    expect(client.all("info")[0]).toMatchObject({
      status: 0,
      implementationStatus: 0,
      activity: { availability: 1 },
    });
    expect(harness.agent.statistics.unknownSession).toBe(1);
  });

  test("DELETE of the client is answered OK", () => {
    const client = new TestClient(harness);
    client.sendControl({ kind: "delete", requestId: 2, objectId: 0xfffe });
    expect(client.status(2)).toBe(0);
  });
});

describe("GET_INFO in a session", () => {
  test.each([
    [1, true, false],
    [2, false, true],
    [3, true, true],
  ])("mask %i is honoured, which the Micro XRCE-DDS Agent ignores", async (mask, configuration, activity) => {
    const client = new TestClient(harness);
    await client.connect();
    client.sendControl({ kind: "get_info", requestId: 10, objectId: 0xfffd, mask });
    const info = client.all("info")[0];
    expect(info).toMatchObject({ status: 0, implementationStatus: 1, requestId: 10 });
    expect([info?.configuration !== undefined, info?.activity !== undefined]).toEqual([
      configuration,
      activity,
    ]);
  });

  test("of an object tells whether it exists", async () => {
    const client = new TestClient(harness);
    await client.connect();
    await request(client, participant(client, "node_a"));
    client.sendControl({ kind: "get_info", requestId: 10, objectId: ID.participant, mask: 3 });
    client.sendControl({ kind: "get_info", requestId: 11, objectId: ID.topic, mask: 3 });
    expect(client.all("info").map(({ status }) => status)).toEqual([0, 0x84]);
  });
});

describe("liveliness", () => {
  test("uxr_hl: three probes 200 ms apart after the silence, then everything is freed", async () => {
    const client = new TestClient(harness, { properties: [{ name: "uxr_hl", value: "001000" }] });
    await client.connect();
    await createPubSub(client);
    client.mute = true;
    harness.clock.advance(999);
    expect(client.all("get_info")).toHaveLength(0);
    harness.clock.advance(1);
    expect(client.all("get_info")).toEqual([{ kind: "get_info", requestId: 0, objectId: 0xfffe, mask: 1 }]);
    harness.clock.advance(400);
    expect(client.all("get_info")).toHaveLength(3);
    expect(harness.agent.clientCount).toBe(1);
    harness.clock.advance(200);
    expect(harness.agent.clientCount).toBe(0);
    expect([harness.network().nodes, harness.network().readers]).toEqual([[], []]);
  });

  test("uxr_hl: the Micro XRCE-DDS Client's INFO without a submessage header is a sign of life", async () => {
    const client = new TestClient(harness, { properties: [{ name: "uxr_hl", value: "001000" }] });
    await client.connect();
    client.mute = true;
    for (let i = 0; i < 20; i++) {
      harness.clock.advance(1100);
      client.sendRaw(Uint8Array.from([0x81, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0, 0]));
    }
    expect(harness.agent.clientCount).toBe(1);
  });

  const ROSEHIP = { name: "rosehip", value: "1" };
  const uxrHl = (value: string) => ({ name: "uxr_hl", value });
  test.each([
    ["Rosehip's firmware: within 2 s", [ROSEHIP, uxrHl("003000")], undefined, 1_200],
    ["Rosehip's firmware that wants less", [uxrHl("000500"), ROSEHIP], undefined, 500],
    ["Rosehip's firmware, without uxr_hl", [ROSEHIP], undefined, 1_200],
    ["a lease of 10 s, whatever the client wants", [ROSEHIP, uxrHl("000500")], 10_000, 9_400],
    ["a lease of 3 s, for a client that wants nothing", undefined, 3_000, 2_400],
  ])("%s", async (_name, properties, leaseMs, silenceMs) => {
    harness = await startHarness(leaseMs === undefined ? {} : { leaseMs });
    const client = new TestClient(harness, properties === undefined ? {} : { properties });
    await client.connect();
    await request(client, participant(client, "node_a"));
    client.mute = true;
    harness.clock.advance(silenceMs - 1);
    expect(client.all("get_info")).toHaveLength(0);
    harness.clock.advance(600);
    expect(harness.network().nodes).toEqual(["/node_a"]);
    harness.clock.advance(1);
    expect(harness.network().nodes).toEqual([]);
  });

  test("without uxr_hl a silent client is asked after 30 s and lives as long as it acknowledges", async () => {
    const client = new TestClient(harness);
    await client.connect();
    await request(client, participant(client, "node_a"));
    harness.clock.advance(600_000);
    expect(harness.agent.clientCount).toBe(1);
    client.mute = true;
    harness.clock.advance(36_000);
    expect(harness.agent.clientCount).toBe(0);
    expect(harness.network().nodes).toEqual([]);
  });

  test("a client that never acknowledged anything is given ten minutes", async () => {
    const client = new TestClient(harness);
    await client.connect();
    harness.clock.advance(599_000);
    expect(harness.agent.clientCount).toBe(1);
    harness.clock.advance(2_000);
    expect(harness.agent.clientCount).toBe(0);
  });

  test("a lost connection frees the objects unless the client is back within the grace", async () => {
    const client = new TestClient(harness, { peerKey: "tcp4:1.2.3.4:5" });
    await client.connect();
    await request(client, participant(client, "node_a"));
    harness.transport.listener?.onGone(["tcp4:1.2.3.4:5"], "its connection was closed");
    harness.clock.advance(1_400);
    await client.connect();
    harness.clock.advance(10_000);
    expect(harness.network().nodes).toEqual(["/node_a"]);
    harness.transport.listener?.onGone(["tcp4:1.2.3.4:5"], "its connection was closed");
    harness.clock.advance(1_500);
    expect(harness.agent.clientCount).toBe(0);
    expect(last(harness.events.filter(({ type }) => type === "client_gone"))).toMatchObject({
      reason: "its connection was closed",
    });
  });

  test("an idle agent with 100 clients keeps one system timer", async () => {
    for (let key = 1; key <= 100; key++) await new TestClient(harness, { key }).connect();
    expect(harness.clock.pending).toBe(1);
  });
});

describe("what is reported of a client", () => {
  const comings = () => types().filter((type) => type === "client_connected" || type === "client_gone");
  const end = (client: TestClient) =>
    client.sendControl({ kind: "delete", requestId: 2, objectId: OBJECTID_CLIENT });

  test("is one arrival, if it ends its session unused and opens it again as Rosehip's firmware does", async () => {
    const client = new TestClient(harness);
    await client.connect();
    end(client);
    await client.connect();
    expect(comings()).toEqual([]);
    await request(client, participant(client, "node_a"));
    harness.clock.advance(2_000);
    expect(comings()).toEqual(["client_connected"]);
    end(client);
    expect(comings()).toEqual(["client_connected", "client_gone"]);
  });

  test("is its arrival after a second, if it does not use its session", async () => {
    await new TestClient(harness).connect();
    harness.clock.advance(999);
    expect(comings()).toEqual([]);
    harness.clock.advance(1);
    expect(comings()).toEqual(["client_connected"]);
  });
});

describe("RESET and DELETE of the client", () => {
  test("RESET starts the streams anew and keeps the objects", async () => {
    const client = new TestClient(harness);
    await client.connect();
    await request(client, participant(client, "node_a"));
    client.sendControl({ kind: "reset" });
    client.resetStreams();
    const again = participant(client, "node_a", { reuse: true, replace: false });
    expect(await request(client, again)).toEqual([0x01]);
  });

  test("DELETE frees everything and closes the network a little later", async () => {
    const client = new TestClient(harness);
    await client.connect();
    await createPubSub(client);
    client.sendControl({ kind: "delete", requestId: 2, objectId: 0xfffe });
    expect(client.status(2)).toBe(0);
    const network = harness.network();
    expect([harness.agent.clientCount, network.nodes.length, network.closed]).toEqual([0, 0, false]);
    harness.clock.advance(2_000);
    await settle();
    expect(network.closed).toBe(true);
    expect(harness.clock.pending).toBe(0);
  });
});

test("a device that fails at each message does not flood the log, and the repetitions are counted", async () => {
  const client = new TestClient(harness);
  await client.connect();
  const fail = () =>
    client.sendBestEffort({
      kind: "write_data",
      requestId: 1,
      objectId: ID.writer,
      format: 0,
      payload: new Uint8Array(1),
      littleEndian: true,
    });
  for (let i = 0; i < 500; i++) fail();
  expect(harness.lines.filter((line) => line.includes("WRITE_DATA failed"))).toHaveLength(1);
  expect(client.statuses()).toHaveLength(500);
  harness.clock.advance(60_000);
  fail();
  expect(harness.lines.slice(-2)).toEqual([
    "warn the following happened 499 more times event=request_failed",
    expect.stringContaining("WRITE_DATA failed"),
  ]);
});
