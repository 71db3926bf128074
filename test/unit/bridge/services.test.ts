import { beforeEach, describe, expect, test } from "vitest";
import type { Sample, SampleIdentity } from "../../../host-agent/src/bridge/network.js";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";
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
  write,
} from "../xrce/support/entities.js";
import { type Harness, settle, startHarness } from "../xrce/support/harness.js";
import { TestClient } from "../xrce/support/test-client.js";

let harness: Harness;
let client: TestClient;
beforeEach(async () => {
  harness = await startHarness();
  client = new TestClient(harness);
  await client.connect();
  await request(client, participant(client, "node_a"));
});

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const guid = (fill: number): Uint8Array => new Uint8Array(16).fill(fill);
/** A client's reply reader, in the participant whose GUIDs are `guid(fill)`. */
const replyReader = (fill: number, number = 1): Uint8Array => {
  const name = guid(fill);
  name.set([0, 0, number, 4], 12);
  return name;
};
const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);
const RQ = "rq/add_two_intsRequest";
const RR = "rr/add_two_intsReply";

function deliver(
  topicName: string,
  payload: Uint8Array,
  writer: SampleIdentity,
  related?: SampleIdentity,
  littleEndian = true,
): void {
  const network = harness.network();
  const sample: Sample = { payload, littleEndian, writer, ...(related === undefined ? {} : { related }) };
  network.deliver(network.reader(topicName), sample);
}

describe("a replier", () => {
  beforeEach(async () => {
    await request(client, service(client, ID.replier));
    read(client, ID.replier);
  });

  /** A client of another participant, all of whose GUIDs begin with these octets; its reply reader is known. */
  function meet(...start: number[]): void {
    for (const [end, remote] of [
      [harness.network().reader(RQ), guid(3)],
      [harness.network().writer(RR), replyReader(3)],
    ] as const) {
      remote.set(start);
      harness.network().meet(end, remote);
    }
  }

  const replies = () => harness.network().writer(RR).written;
  const reply = async (identity: Uint8Array, ...payload: number[]): Promise<void> => {
    write(client, ID.replier, Buffer.concat([identity.subarray(0, 24), octets(...payload)]));
    await settle();
  };

  test("is a reader of requests and a writer of replies with the QoS of services", () => {
    const { description } = harness.network().reader(RQ);
    expect(description).toEqual({
      topic: RQ,
      type: "example_interfaces::srv::dds_::AddTwoInts_Request_",
      qos: { reliability: "reliable", durability: "volatile", history: { kind: "keep_last", depth: 1024 } },
    });
    expect(harness.network().writer(RR).description.type).toBe(
      "example_interfaces::srv::dds_::AddTwoInts_Response_",
    );
  });

  test("names the request by the client's reply reader if the request says it, and by the request's own number", async () => {
    meet();
    deliver(
      RQ,
      octets(1, 2),
      { guid: guid(3), sequenceNumber: 0x1_0000_0002n },
      { guid: replyReader(3), sequenceNumber: -1n },
    );
    const data = client.all("data")[0];
    expect(hex(data?.payload ?? octets())).toBe(`${"03".repeat(12)}0000010401000000020000000102`);
    await reply(data?.payload ?? octets(), 9);
    expect(replies()).toMatchObject([{ related: { guid: replyReader(3), sequenceNumber: 0x1_0000_0002n } }]);
  });

  test("else by the request's writer", async () => {
    meet();
    deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: 7n });
    await reply(client.all("data")[0]?.payload ?? octets(), 9);
    expect(replies()).toMatchObject([{ related: { guid: guid(3), sequenceNumber: 7n } }]);
  });

  test("answers the reply reader that the request named and no other, else those of the request's participant", async () => {
    const network = harness.network();
    meet();
    for (const other of [replyReader(3, 2), replyReader(5)]) network.meet(network.writer(RR), other);
    deliver(
      RQ,
      octets(1),
      { guid: guid(3), sequenceNumber: 1n },
      { guid: replyReader(3), sequenceNumber: -1n },
    );
    deliver(RQ, octets(2), { guid: guid(3), sequenceNumber: 2n });
    for (const { payload } of client.all("data")) await reply(payload, 9);
    const readers = [replyReader(3), replyReader(3, 2), replyReader(5)];
    expect(replies().map(({ to }) => readers.map((reader) => to?.(reader)))).toEqual([
      [true, false, false],
      [true, true, false],
    ]);
  });

  const dropped = (type: "request_dropped" | "reply_dropped") =>
    harness.events
      .filter((event) => event.type === type)
      .map((event) => ("reason" in event && "count" in event ? [event.count, event.reason] : []));

  test("keeps a reply to a client that is not there, for it to come within 3 s, and then reports it", async () => {
    meet();
    for (const sequenceNumber of [1n, 2n]) deliver(RQ, octets(1), { guid: guid(3), sequenceNumber });
    const network = harness.network();
    const asked = client.all("data").map(({ payload }) => payload);
    network.meet(network.writer(RR), replyReader(3), false);
    await reply(asked[0] ?? octets(), 9);
    harness.clock.advance(2_900);
    await reply(asked[1] ?? octets(), 8);
    harness.clock.advance(99);
    expect([replies(), dropped("reply_dropped")]).toEqual([[], []]);
    harness.clock.advance(1);
    expect(dropped("reply_dropped")).toEqual([[1, "its client has gone"]]);
    network.meet(network.writer(RR), replyReader(3));
    expect(replies().map(({ payload }) => payload[0])).toEqual([8]);
    harness.clock.advance(10_000);
    expect(dropped("reply_dropped")).toHaveLength(1);
  });

  test("keeps no more than 16 such replies", async () => {
    for (let i = 1n; i <= 17n; i++) {
      const identity = Buffer.alloc(24, 3);
      identity.writeUInt32LE(Number(i), 20);
      await reply(identity, Number(i));
    }
    expect(dropped("reply_dropped")).toEqual([[1, "16 others wait for clients that are not known either"]]);
    harness.clock.advance(3_000);
    expect(dropped("reply_dropped")[1]).toEqual([16, "its client has gone"]);
  });

  test("reports requests without an answer when the device's session ends, also those it has not taken", async () => {
    meet();
    for (let i = 1n; i <= 3n; i++) deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: i });
    await reply(client.all("data")[1]?.payload ?? octets(), 9);
    client.mute = true;
    for (let i = 4n; i <= 40n; i++) deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: i });
    client.send({ kind: "delete", requestId: client.newRequestId(), objectId: ID.replier });
    await settle();
    expect(dropped("request_dropped")).toEqual([
      [39, expect.stringContaining("the device's session ended first")],
    ]);
  });

  test("reports requests that come when the device's session has just ended, together", async () => {
    const { listener } = harness.network().reader(RQ);
    client.send({ kind: "delete", requestId: client.newRequestId(), objectId: ID.replier });
    await settle();
    for (let i = 0; i < 3; i++) listener.onLate?.();
    expect(dropped("request_dropped")).toEqual([]);
    harness.clock.advance(100);
    expect(dropped("request_dropped")).toEqual([[3, "they came as the device's session ended"]]);
  });

  test("reports a request whose client goes while its reply reader is waited for", () => {
    const network = harness.network();
    network.meet(network.reader(RQ), guid(3));
    deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: 1n });
    network.meet(network.reader(RQ), guid(3), false);
    expect(dropped("request_dropped")).toEqual([[1, "its client went before its reply reader was known"]]);
  });

  const cyclone = guid(3);
  cyclone.set([0x01, 0x10]);
  const header = "0102030405060708" + "0900000000000000";

  test("answers a request of rmw_cyclonedds with the header that it began with, and only clients of that kind", async () => {
    meet(0x01, 0x10);
    deliver(RQ, Buffer.from(`${header}aabb`, "hex"), { guid: cyclone, sequenceNumber: 77n });
    const asked = client.all("data")[0]?.payload ?? octets();
    expect(hex(asked.subarray(24))).toBe("aabb");
    await reply(asked, 0xcc);
    const [only] = replies();
    expect([hex(only?.payload ?? octets()), only?.related]).toEqual([`${header}cc`, undefined]);
    const another = guid(4);
    another.set([0x01, 0x10]);
    expect([cyclone, another, guid(3)].map((reader) => only?.to?.(reader))).toEqual([true, false, false]);
  });

  test("answers a big-endian request of rmw_cyclonedds little-endian", async () => {
    meet(0x01, 0x10);
    const request = Buffer.from("08070605040302010000000000000009aabb", "hex");
    deliver(RQ, request, { guid: cyclone, sequenceNumber: 77n }, undefined, false);
    const asked = client.all("data")[0]?.payload ?? octets();
    expect(hex(asked.subarray(16))).toBe("0000000000000009aabb");
    // The device's own submessages are little-endian.
    await reply(Buffer.concat([asked.subarray(0, 16), Buffer.from("0000000009000000", "hex")]), 0xcc);
    expect(hex(replies()[0]?.payload ?? octets())).toBe(`${header}cc`);
  });

  test("never takes one kind of request for the other", async () => {
    meet(0x01, 0x10);
    meet();
    // Too short to have a header; and one of another vendor whose body looks like one.
    deliver(RQ, octets(1, 2, 3), { guid: cyclone, sequenceNumber: 1n });
    const lookalike = Buffer.from(`${header}aabb`, "hex");
    const named = { guid: replyReader(3), sequenceNumber: -1n };
    deliver(RQ, lookalike, { guid: guid(3), sequenceNumber: 2n }, named);
    const payloads = client.all("data").map(({ payload }) => payload);
    expect(payloads.map((payload) => hex(payload.subarray(24)))).toEqual([`${header}aabb`]);
    await reply(payloads[0] ?? octets(), 9);
    const [only] = replies();
    expect([hex(only?.payload ?? octets()), only?.to?.(cyclone), only?.to?.(replyReader(3))]).toEqual([
      "09",
      false,
      true,
    ]);
  });

  test("holds a request back until its client's reply reader is known, at most 100 ms", async () => {
    const early = { guid: guid(3), sequenceNumber: 1n };
    harness.network().meet(harness.network().reader(RQ), guid(3));
    deliver(RQ, octets(1), early);
    expect(client.all("data")).toEqual([]);
    harness.network().meet(harness.network().writer(RR), guid(3));
    expect(client.all("data")).toHaveLength(1);
    deliver(RQ, octets(2), { guid: guid(5), sequenceNumber: 1n });
    harness.clock.advance(99);
    expect(client.all("data")).toHaveLength(1);
    harness.clock.advance(1);
    expect(client.all("data")).toHaveLength(2);
  });

  test("waits for the very reply reader that the request names, if its participant has others", () => {
    meet();
    const named = { guid: replyReader(3, 2), sequenceNumber: -1n };
    deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: 1n }, named);
    expect(client.all("data")).toEqual([]);
    harness.network().meet(harness.network().writer(RR), named.guid);
    expect(client.all("data")).toHaveLength(1);
  });

  test("gets a big-endian request with a big-endian identity, E = 0", () => {
    meet();
    deliver(RQ, octets(1), { guid: guid(3), sequenceNumber: 0x1_0000_0002n }, undefined, false);
    expect(client.all("data")[0]).toMatchObject({ littleEndian: false });
    expect(hex(client.all("data")[0]?.payload.subarray(16) ?? octets())).toBe("000000010000000201");
  });
});

describe("a requester", () => {
  beforeEach(async () => {
    await request(client, service(client, ID.requester));
    read(client, ID.requester);
  });

  async function serve(): Promise<TestClient> {
    const server = new TestClient(harness, { key: 77, peerKey: "server" });
    await server.connect();
    await request(server, participant(server, "server"), service(server, ID.replier));
    read(server, ID.replier);
    await settle();
    return server;
  }

  test("gets the reply to its request, with that request's id", async () => {
    const server = await serve();
    const requestId = write(client, ID.requester, octets(40, 2));
    await settle();
    const asked = server.all("data")[0]?.payload ?? octets();
    expect(hex(asked.subarray(0, 16))).toBe(hex(harness.network().reader(RR).guid));
    write(server, ID.replier, Buffer.concat([asked.subarray(0, 24), octets(42)]));
    await settle();
    const reply = client.all("data")[0]?.payload ?? octets();
    expect(hex(reply)).toBe(`${requestId.toString(16).padStart(4, "0")}00172a`);
  });

  test("takes only replies to its own requests: by its reply reader or its request writer, once each", async () => {
    await serve();
    write(client, ID.requester, octets(1));
    write(client, ID.requester, octets(2));
    await settle();
    const network = harness.network();
    const from = { guid: guid(8), sequenceNumber: 1n };
    const reader = network.reader(RR).guid;
    const writer = network.writer(RQ).guid;
    deliver(RR, octets(0x10), from, { guid: guid(5), sequenceNumber: 1n });
    deliver(RR, octets(0x11), from);
    deliver(RR, octets(0x12), from, { guid: reader, sequenceNumber: 99n });
    deliver(RR, octets(0x13), from, { guid: reader, sequenceNumber: 1n });
    deliver(RR, octets(0x14), from, { guid: reader, sequenceNumber: 1n });
    deliver(RR, octets(0x15), from, { guid: writer, sequenceNumber: 2n });
    expect(client.all("data").map(({ payload }) => payload[4])).toEqual([0x13, 0x15]);
  });

  describe("with servers of other participants", () => {
    const plain = guid(3);
    const cyclone = guid(4);
    cyclone.set([0x01, 0x10]);
    const join = (server: Uint8Array, joined = true) => {
      harness.network().meet(harness.network().writer(RQ), server, joined);
      harness.network().meet(harness.network().reader(RR), server, joined);
    };
    const written = () => harness.network().writer(RQ).written;
    const call = async (...payload: number[]) => {
      write(client, ID.requester, octets(...payload));
      await settle();
    };
    const replies = () => client.all("data").map(({ payload }) => hex(payload.subarray(4)));

    test("asks one of rmw_cyclonedds with the header that it wants, and takes replies with that header only", async () => {
      join(cyclone);
      await call(0xaa);
      await call(0xbb);
      const requests = written().map(({ payload }) => hex(payload));
      const id = requests[0]?.slice(0, 16) ?? "";
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(requests).toEqual([`${id}0100000000000000aa`, `${id}0200000000000000bb`]);
      expect(written()[0]?.related).toBe(undefined);
      const from = { guid: cyclone, sequenceNumber: 1n };
      const respond = (text: string, littleEndian = true) =>
        deliver(RR, Buffer.from(text, "hex"), from, undefined, littleEndian);
      respond("11");
      respond(`${"11".repeat(8)}0200000000000000ee`);
      respond(`${id}0300000000000000ee`);
      respond(`${id}0200000000000000cc`);
      respond(`${id}0200000000000000ee`);
      const bigEndian = Buffer.from(id, "hex").reverse().toString("hex");
      respond(`${bigEndian}0000000000000001dd`, false);
      expect(replies()).toEqual(["cc", "dd"]);
    });

    test("asks both kinds at the same time, each in its own way, and takes the first reply", async () => {
      join(plain);
      join(cyclone);
      await call(0xaa);
      await call(0xbb);
      expect(
        written().map(({ payload, related, to }) => [
          payload.byteLength,
          related !== undefined,
          to?.(plain),
          to?.(cyclone),
        ]),
      ).toEqual([
        [1, true, true, false],
        [17, false, false, true],
        [1, true, true, false],
        [17, false, false, true],
      ]);
      const reader = harness.network().reader(RR).guid;
      const [, first, , second] = written().map(({ payload }) => Buffer.from(payload));
      const header = (request: Buffer | undefined) => request?.subarray(0, 16) ?? octets();
      const answer = (from: Uint8Array, payload: Uint8Array, related?: SampleIdentity) =>
        deliver(RR, payload, { guid: from, sequenceNumber: 1n }, related);
      answer(cyclone, Buffer.concat([header(first), octets(1)]));
      answer(plain, octets(2), { guid: reader, sequenceNumber: 1n });
      answer(plain, octets(3), { guid: reader, sequenceNumber: 3n });
      answer(cyclone, Buffer.concat([header(second), octets(4)]));
      expect(replies()).toEqual(["01", "03"]);
    });

    test("does not take half a server, or halves of two, for one", async () => {
      harness.network().meet(harness.network().writer(RQ), plain);
      harness.network().meet(harness.network().reader(RR), cyclone);
      await call(1);
      expect(written()).toEqual([]);
      harness.network().meet(harness.network().reader(RR), plain);
      expect(written()).toHaveLength(1);
    });
  });

  test("never puts two replies into one message: the Micro XRCE-DDS Client delivers only the first", async () => {
    await serve();
    for (let i = 0; i < 10; i++) write(client, ID.requester, octets(i));
    await settle();
    const reader = harness.network().reader(RR).guid;
    for (let i = 1n; i <= 10n; i++)
      deliver(RR, octets(1), { guid: guid(8), sequenceNumber: i }, { guid: reader, sequenceNumber: i });
    const counts = client.heard.map(
      ({ submessages }) => submessages.filter(({ kind }) => kind === "data").length,
    );
    expect([Math.max(...counts), client.all("data").length]).toEqual([1, 10]);
  });

  test("requests written before there is a server wait for it, in order", async () => {
    for (let i = 1; i <= 3; i++) write(client, ID.requester, octets(i));
    await settle();
    harness.clock.advance(4_000);
    const server = await serve();
    expect(server.all("data").map(({ payload }) => payload[24])).toEqual([1, 2, 3]);
  });

  test("requests that wait too long, or are too many, are dropped and told", async () => {
    for (let i = 1; i <= 17; i++) write(client, ID.requester, octets(i));
    await settle();
    const dropped = () => harness.events.filter(({ type }) => type === "request_dropped");
    expect(dropped()).toMatchObject([
      { node: "/node_a", service: "add_two_ints", reason: expect.stringContaining("16 requests wait") },
    ]);
    harness.clock.advance(5_000);
    expect(dropped()[1]).toMatchObject({ count: 16, reason: "no server came within 5 s" });
    const server = await serve();
    expect(server.all("data")).toEqual([]);
    expect(harness.lines.some((line) => line.startsWith("warn request dropped"))).toBe(true);
  });
});

describe("type hashes", () => {
  const [HASH_1, HASH_2] = ["11", "22"].map((octet) => `RIHS01_${octet.repeat(32)}`);

  test("of a service come from Rosehip's extension", async () => {
    await request(
      client,
      service(client, ID.replier, [new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22)]),
    );
    const network = harness.network();
    expect([network.reader(RQ).description.typeHash, network.writer(RR).description.typeHash]).toEqual([
      HASH_1,
      HASH_2,
    ]);
  });

  test("of a datawriter come from its user data", async () => {
    const userData = Buffer.from(`typehash=${HASH_1};`);
    await request(
      client,
      topic(client, "rt/a", "T"),
      group(client, ID.publisher),
      endpoint(client, ID.writer, 3, 1, userData),
    );
    expect(harness.network().writer("rt/a").description.typeHash).toBe(HASH_1);
  });

  test("that the device does not know are looked up by type", async () => {
    const lookupTypeHash = (name: string) => (name === "std_msgs::msg::dds_::String_" ? HASH_2 : undefined);
    harness = await startHarness({ lookupTypeHash });
    client = new TestClient(harness);
    await client.connect();
    await createPubSub(client);
    await request(client, service(client, ID.replier));
    const network = harness.network();
    expect(
      [network.writer("rt/chatter"), network.reader(RQ)].map(({ description }) => description.typeHash),
    ).toEqual([HASH_2, undefined]);
  });
});

describe("what a user sees", () => {
  test("matches and mismatches are reported with node, topic and remote", async () => {
    await createPubSub(client);
    const reader = harness.network().reader("rt/chatter");
    reader.listener.onIncompatible?.(
      { guid: guid(1) },
      "reliability: offered best effort, requested reliable",
    );
    expect(harness.lines).toContain(
      `warn remote endpoint does not match node=/talker topic=rt/chatter remote=${"01".repeat(16)} reason=reliability: offered best effort, requested reliable remedy=Give both ends the same type, and the writer a QoS that offers what the reader requests.`,
    );
    expect(harness.events).toContainEqual(
      expect.objectContaining({ type: "matched", node: "/talker", topic: "rt/chatter", matched: true }),
    );
  });

  test("a device's log lines reach DDS and the agent's log, at their level", async () => {
    await request(
      client,
      topic(client, "rt/rosout", "rcl_interfaces::msg::dds_::Log_"),
      group(client, ID.publisher),
      endpoint(client, ID.writer, 3, 1),
    );
    const line = (level: number, message: string): Uint8Array => {
      const writer = new CdrWriter();
      writer.i32(1);
      writer.u32(2);
      writer.u8(level);
      writer.string("arm");
      writer.string(message);
      writer.string("file.ts");
      writer.string("main");
      writer.u32(7);
      return writer.copy();
    };
    for (const [level, message] of [
      [10, "d"],
      [20, "i"],
      [30, "w"],
      [40, "e"],
      [50, "f"],
    ] as const)
      write(client, ID.writer, line(level, message));
    write(client, ID.writer, octets(1, 2, 3));
    await settle();
    const lines = harness.lines.filter((text) => text.includes("logger=arm"));
    expect(lines).toEqual(
      ["debug d", "info i", "warn w", "error e", "error f"].map(
        (text) => `${text} client=11223344 node=/node_a logger=arm`,
      ),
    );
  });
});

describe("the network of a domain", () => {
  test("is opened once for several devices that ask at the same time", async () => {
    let opened = 0;
    const { FakeNetwork } = await import("../xrce/support/fake-network.js");
    harness = await startHarness({
      openNetwork: (domainId) => {
        opened++;
        return Promise.resolve(new FakeNetwork(domainId));
      },
    });
    const devices = [1, 2, 3].map((key) => new TestClient(harness, { key }));
    for (const device of devices) {
      await device.connect();
      device.send(participant(device, "n"));
    }
    await settle();
    expect([opened, devices.map((device) => device.statuses()[0]?.status)]).toEqual([1, [0, 0, 0]]);
  });

  test("survives a device that reconnects within its linger, and is closed with the agent", async () => {
    const network = harness.network();
    client.sendControl({ kind: "delete", requestId: 2, objectId: 0xfffe });
    harness.clock.advance(1_500);
    await client.connect();
    await request(client, participant(client, "node_a"));
    harness.clock.advance(10_000);
    await settle();
    expect([network.closed, network.nodes]).toEqual([false, ["/node_a"]]);
    await harness.agent.close();
    expect([network.closed, network.nodes]).toEqual([true, []]);
    expect(harness.clock.pending).toBe(0);
  });
});
