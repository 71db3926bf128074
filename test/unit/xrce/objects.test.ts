import { beforeEach, describe, expect, test } from "vitest";
import type { Sample } from "../../../host-agent/src/bridge/network.js";
import type { Create } from "../../../host-agent/src/xrce/message/create.js";
import {
  createPubSub,
  endpoint,
  group,
  ID,
  participant,
  read,
  request,
  service,
  topic,
  UNLIMITED,
  write,
} from "./support/entities.js";
import { type Harness, settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";

let harness: Harness;
let client: TestClient;
beforeEach(async () => {
  harness = await startHarness({ lookupTypeHash: () => `RIHS01_${"11".repeat(32)}` });
  client = new TestClient(harness);
  await client.connect();
});

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const dataOf = (one: TestClient): string[] => one.all("data").map(({ payload }) => hex(payload));
const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

function sample(payload: Uint8Array, sequenceNumber = 1n, littleEndian = true): Sample {
  return { payload, littleEndian, writer: { guid: new Uint8Array(16).fill(9), sequenceNumber } };
}

describe("CREATE (7.8.3.1): reuse and replace", () => {
  const OTHER = "rt/other";
  test.each([
    ["neither", false, false, "rt/a", 0x82],
    ["reuse, the same", true, false, "rt/a", 0x01],
    ["reuse, another (the Micro XRCE-DDS Agent says OK_MATCHED)", true, false, OTHER, 0x81],
    ["replace, the same", false, true, "rt/a", 0x00],
    ["replace, another", false, true, OTHER, 0x00],
    ["both, the same", true, true, "rt/a", 0x01],
    ["both, another", true, true, OTHER, 0x00],
  ])("%s", async (_name, reuse, replace, name, status) => {
    await request(client, participant(client, "node_a"), topic(client, "rt/a", "T"));
    expect(await request(client, topic(client, name, "T", { reuse, replace }))).toEqual([status]);
  });

  test("a replaced participant takes its children with it", async () => {
    await createPubSub(client);
    await request(client, participant(client, "node_b"));
    const network = harness.network();
    expect([network.nodes, network.readers, network.writers]).toEqual([["/node_b"], [], []]);
    expect(await request(client, topic(client, "rt/a", "T", { replace: false }))).toEqual([0]);
  });
});

describe("CREATE that cannot be", () => {
  const bad = async (one: Create): Promise<number | undefined> => (await request(client, one))[0];

  test("parent, topic and profile that do not exist are ERR_UNKNOWN_REFERENCE", async () => {
    expect(await bad(topic(client, "rt/a", "T"))).toBe(0x84);
    await request(client, participant(client, "node_a"), group(client, ID.publisher));
    expect(await bad(endpoint(client, ID.writer, 3, 1))).toBe(0x84);
    const byReference = {
      ...topic(client, "", ""),
      representation: { format: "reference", reference: "nope" },
    } as const;
    expect(await bad(byReference)).toBe(0x84);
    expect(await bad(topic(client, "rt/a", "T", {}, ID.publisher))).toBe(0x84);
  });

  test("octets that do not decode are ERR_INVALID_DATA and leave the agent and the rest of the message alone", async () => {
    const broken = {
      ...topic(client, "", ""),
      representation: { format: "binary", octets: octets(1, 2, 3) },
    } as const;
    const good = participant(client, "node_a");
    client.send(broken, good);
    await settle();
    expect([client.status(broken.requestId), client.status(good.requestId)]).toEqual([0x85, 0]);
    expect(await bad(broken)).toBe(0x85);
    const malformedBool = {
      ...broken,
      requestId: client.newRequestId(),
      representation: { format: "binary", octets: octets(1, 0, 0, 0, 0x61, 7) },
    } as const;
    expect(await bad(malformedBool)).toBe(0x85);
    expect(harness.events.some(({ type }) => type === "internal_error")).toBe(false);
  });

  test("object id and kind have to agree, the kind has to be known, and the domain to exist", async () => {
    expect(await bad({ ...participant(client, "n"), objectKind: 2 })).toBe(0x85);
    expect(await bad({ ...participant(client, "n"), objectId: 0x0019, objectKind: 9 })).toBe(0x85);
    expect(await bad(participant(client, "n", {}, 233))).toBe(0x85);
    expect(await bad(participant(client, "n", {}, -1))).toBe(0x85);
  });

  test("a network that cannot be opened is ERR_DDS_ERROR, and the next try opens anew", async () => {
    let tries = 0;
    harness = await startHarness({
      openNetwork: () => Promise.reject(new Error(`no network, try ${++tries}`)),
    });
    client = new TestClient(harness);
    await client.connect();
    expect(await request(client, participant(client, "a"), participant(client, "a"))).toEqual([0x80, 0x80]);
    expect(tries).toBe(2);
    expect(harness.events).toContainEqual(
      expect.objectContaining({ type: "request_failed", reason: "no network, try 2" }),
    );
  });

  test("the client's objects are limited", async () => {
    await request(client, participant(client, "n"));
    const many: Create[] = [];
    for (let i = 0; i < 1024; i++) many.push({ ...topic(client, "rt/a", "T"), objectId: ((i + 2) << 4) | 2 });
    const statuses = await request(client, ...many);
    expect(statuses.slice(-2)).toEqual([0, 0x87]);
  });
});

describe("names of nodes", () => {
  test.each([
    ["minimal_service", "/minimal_service"],
    ["/minimal_service", "/minimal_service"],
    ["/factory/arm", "/factory/arm"],
    ["factory/hall_2/arm", "/factory/hall_2/arm"],
    [undefined, "/xrce_client_11223344"],
    ["", "/xrce_client_11223344"],
  ])("participant %s is node %s", async (name, node) => {
    await request(client, participant(client, name));
    expect(harness.network().nodes).toEqual([node]);
    expect(harness.events).toContainEqual(expect.objectContaining({ type: "node_created", node }));
  });

  test.each(["my node", "2nd", "a/", "/a//b", "/1/b"])(
    "%s is refused, with the reason in the log",
    async (name) => {
      expect(await request(client, participant(client, name))).toEqual([0x85]);
      expect(harness.lines.some((line) => line.includes("is no node name"))).toBe(true);
    },
  );

  test("each domain has one network for all devices; 255 is the agent's domain", async () => {
    const other = new TestClient(harness, { key: 5, peerKey: "other" });
    await other.connect();
    await request(client, participant(client, "a", {}, 7));
    await request(other, participant(other, "b", {}, 7));
    expect(harness.network(7).nodes).toEqual(["/a", "/b"]);
    await request(client, participant(client, "c", {}, 255));
    expect(harness.network(0).nodes).toEqual(["/c"]);
  });
});

describe("a participant whose network is still being opened", () => {
  test("holds back what follows, in order, and loses nothing", async () => {
    let open: (() => void) | undefined;
    const blocked = await startHarness();
    const slow = await startHarness({
      openNetwork: async (domainId) => {
        await new Promise<void>((resolve) => {
          open = resolve;
        });
        const { FakeNetwork } = await import("./support/fake-network.js");
        const network = new FakeNetwork(domainId);
        slow.networks.set(domainId, network);
        return network;
      },
    });
    await blocked.agent.close();
    client = new TestClient(slow);
    await client.connect();
    const requests = [
      participant(client, "n"),
      topic(client, "rt/a", "T"),
      topic(client, "rt/a", "T", { reuse: true }),
    ];
    for (const one of requests) client.send(one);
    await settle();
    expect(client.statuses()).toEqual([]);
    client.heartbeat();
    expect(client.all("acknack").at(-1)).toMatchObject({ firstUnacked: 0, missing: 0 });
    open?.();
    for (let i = 0; i < 20; i++) await settle();
    expect(requests.map(({ requestId }) => client.status(requestId))).toEqual([0, 0, 1]);
    expect(client.allAcknowledged).toBe(true);
  });

  test("is closed again if its client has gone meanwhile", async () => {
    client.send(participant(client, "n"));
    client.sendControl({ kind: "delete", requestId: 2, objectId: 0xfffe });
    await settle();
    expect(harness.network().nodes).toEqual([]);
    harness.clock.advance(2_000);
    await settle();
    expect(harness.network().closed).toBe(true);
  });
});

describe("WRITE_DATA", () => {
  test("a failed one leaves the rest of its message alone, which the Micro XRCE-DDS Agent throws away", async () => {
    await createPubSub(client);
    read(client, ID.reader);
    const make = (objectId: number, payload: Uint8Array) =>
      ({
        kind: "write_data",
        requestId: client.newRequestId(),
        objectId,
        format: 0,
        payload,
        littleEndian: true,
      }) as const;
    const lost = make(0x0995, octets(1));
    client.send(make(ID.writer, octets(1, 1)), lost, make(ID.writer, octets(2, 2)));
    await settle();
    expect(dataOf(client)).toEqual(["0101", "0202"]);
    expect(client.status(lost.requestId)).toBe(0x84);
  });

  test.each([
    ["big-endian", { littleEndian: false }, 0x86],
    ["another data format", { format: 8 }, 0x86],
    ["a replier without the identity", { objectId: ID.replier }, 0x85],
    ["a datareader", { objectId: ID.reader }, 0x85],
  ])("%s is refused with a status", async (_name, change, status) => {
    await createPubSub(client);
    await request(client, service(client, ID.replier));
    const requestId = client.newRequestId();
    client.send({
      kind: "write_data",
      requestId,
      objectId: ID.writer,
      format: 0,
      payload: octets(1),
      littleEndian: true,
      ...change,
    });
    await settle();
    expect(client.status(requestId)).toBe(status);
  });

  test("a full history holds the client's stream back and loses nothing", async () => {
    await createPubSub(client, 0x01, 0);
    read(client, ID.reader);
    const network = harness.network();
    network.writeRoom = 2;
    for (let i = 1; i <= 8; i++) write(client, ID.writer, octets(i));
    await settle();
    expect([dataOf(client), client.allAcknowledged]).toEqual([["01", "02"], false]);
    network.makeRoom(3);
    await settle();
    expect(dataOf(client)).toHaveLength(5);
    network.makeRoom();
    await settle();
    expect(dataOf(client)).toEqual(["01", "02", "03", "04", "05", "06", "07", "08"]);
    expect(client.allAcknowledged).toBe(true);
  });

  test("a history that stays full costs the sample after a second, with a status, and not the session", async () => {
    await createPubSub(client, 0x01, 0);
    harness.network().writeRoom = 0;
    const requestId = write(client, ID.writer, octets(1));
    await settle();
    harness.clock.advance(600);
    harness.network().makeRoom(0); // tried again in vain; the second runs from the first try
    harness.clock.advance(399);
    expect(client.status(requestId)).toBeUndefined();
    harness.clock.advance(1);
    expect(client.status(requestId)).toBe(0x87);
    await settle();
    expect(client.allAcknowledged).toBe(true);
  });
});

describe("READ_DATA and its delivery control (7.7.13)", () => {
  beforeEach(() => createPubSub(client));
  const deliver = (count: number, size = 1) => {
    const network = harness.network();
    for (let i = 1; i <= count; i++)
      network.deliver(network.reader("rt/chatter"), sample(new Uint8Array(size).fill(i), BigInt(i)));
  };

  test("samples wait in the network until they are read", async () => {
    deliver(2);
    expect(dataOf(client)).toEqual([]);
    const requestId = read(client, ID.reader);
    expect(client.all("data").map((one) => [one.requestId, one.objectId, hex(one.payload)])).toEqual([
      [requestId, ID.reader, "01"],
      [requestId, ID.reader, "02"],
    ]);
  });

  test("max_samples ends it; 0 cancels; a new READ_DATA replaces the old", () => {
    read(client, ID.reader, 0x80, { ...UNLIMITED, maxSamples: 2 });
    deliver(4);
    expect(dataOf(client)).toEqual(["01", "02"]);
    read(client, ID.reader, 0x80, { ...UNLIMITED, maxSamples: 1 });
    expect(dataOf(client)).toEqual(["01", "02", "03"]);
    read(client, ID.reader);
    read(client, ID.reader, 0x80, { ...UNLIMITED, maxSamples: 0 });
    deliver(1);
    expect(dataOf(client)).toEqual(["01", "02", "03", "04"]);
  });

  test("without delivery control it is one sample", () => {
    client.send({ kind: "read_data", requestId: 50, objectId: ID.reader, preferredStream: 0x80, format: 0 });
    deliver(2);
    expect(dataOf(client)).toEqual(["01"]);
  });

  test("max_elapsed ends it", () => {
    read(client, ID.reader, 0x80, { ...UNLIMITED, maxElapsedSeconds: 2 });
    harness.clock.advance(1_999);
    deliver(1);
    harness.clock.advance(1);
    deliver(1);
    expect(dataOf(client)).toEqual(["01"]);
  });

  test("min_pace spaces the samples", () => {
    read(client, ID.reader, 0x80, { ...UNLIMITED, minPaceMs: 100 });
    deliver(3);
    expect(dataOf(client)).toHaveLength(1);
    harness.clock.advance(99);
    expect(dataOf(client)).toHaveLength(1);
    harness.clock.advance(1);
    expect(dataOf(client)).toHaveLength(2);
    harness.clock.advance(100);
    expect(dataOf(client)).toHaveLength(3);
  });

  test("max_bytes_per_second limits the rate", () => {
    read(client, ID.reader, 0x80, { ...UNLIMITED, maxBytesPerSecond: 1000 });
    deliver(21, 100);
    harness.clock.advance(1_000);
    expect(dataOf(client).length).toBeGreaterThanOrEqual(10);
    expect(dataOf(client).length).toBeLessThanOrEqual(11);
  });

  test("on a best-effort stream a sample that only fits without its headers is dropped and told, and the reader goes on", () => {
    read(client, ID.reader, 0x01);
    deliver(1, 508 - 12 + 1);
    deliver(1, 508 - 12);
    expect(client.all("data").map(({ payload }) => payload.byteLength)).toEqual([496]);
    expect(harness.events).toContainEqual(
      expect.objectContaining({ type: "sample_dropped", objectId: ID.reader }),
    );
  });

  test("a sample over 64 KiB arrives in fragments", async () => {
    read(client, ID.reader);
    const payload = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
    const network = harness.network();
    network.deliver(network.reader("rt/chatter"), sample(payload));
    await settle();
    const got = client.received.at(-1);
    expect(got?.kind === "data" && Buffer.compare(got.payload, payload)).toBe(0);
  });

  test("a sample over the limit is dropped and told", () => {
    read(client, ID.reader);
    deliver(1, 1024 * 1024);
    deliver(1);
    expect(dataOf(client)).toEqual(["01"]);
    expect(harness.lines.some((line) => line.includes("over the limit"))).toBe(true);
  });

  test("a big-endian sample comes in a DATA with E = 0", () => {
    read(client, ID.reader);
    const network = harness.network();
    network.deliver(network.reader("rt/chatter"), sample(octets(0, 0, 0, 7), 1n, false));
    expect(client.all("data")[0]).toMatchObject({ littleEndian: false });
  });

  test.each([
    ["an object that does not exist", { objectId: 0x0996 }, 0x84],
    ["a datawriter", { objectId: ID.writer }, 0x85],
    ["another data format", { format: 8 }, 0x86],
    ["a content filter", { contentFilter: "x > 1" }, 0x86],
  ])("%s is refused with a status", (_name, change, status) => {
    client.send({
      kind: "read_data",
      requestId: 60,
      objectId: ID.reader,
      preferredStream: 0x80,
      format: 0,
      ...change,
    });
    expect(client.status(60)).toBe(status);
  });
});

describe("back-pressure to the network", () => {
  test("with a full window samples stay in the reliable reader; none is lost when the client catches up", async () => {
    await createPubSub(client);
    read(client, ID.reader);
    client.mute = true;
    const network = harness.network();
    for (let i = 1; i <= 40; i++) network.deliver(network.reader("rt/chatter"), sample(octets(i), BigInt(i)));
    expect(dataOf(client)).toHaveLength(16);
    expect(network.reader("rt/chatter").held).toHaveLength(24);
    client.mute = false;
    for (let i = 0; i < 20; i++) harness.clock.advance(200);
    await settle();
    const got = client.received.filter((one) => one.kind === "data").map(({ payload }) => payload[0]);
    expect(got).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(network.reader("rt/chatter").held).toHaveLength(0);
  });

  test("readers that wait take turns", async () => {
    await createPubSub(client);
    await request(client, { ...endpoint(client, ID.reader, 3, 10), objectId: 0x0026 });
    read(client, ID.reader);
    read(client, 0x0026);
    client.mute = true;
    const network = harness.network();
    const [one, two] = network.readers;
    for (let i = 1; i <= 30; i++) {
      if (one !== undefined) network.deliver(one, sample(octets(1, i), BigInt(i)));
      if (two !== undefined) network.deliver(two, sample(octets(2, i), BigInt(i)));
    }
    const before = client.all("data").length;
    const first = client.all("status").length;
    for (let i = 1; i <= 10; i++) {
      client.sendControl({ kind: "acknack", firstUnacked: first + i, missing: 0, streamId: 0x80 });
    }
    const next = client
      .all("data")
      .slice(before)
      .map(({ objectId }) => objectId);
    expect(next).toHaveLength(10);
    expect(next.filter((objectId) => objectId === ID.reader)).toHaveLength(5);
  });
});
