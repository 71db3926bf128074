/** SPDP, SEDP and matching (DDSI-RTPS 2.5, 8.5; DDS 1.4, 2.2.3) on a virtual wire with a virtual clock. */
import { describe, expect, test } from "vitest";
import type { EndpointDescription, MatchedEndpoint } from "../../../host-agent/src/bridge/network.js";
import { SERVICE_QOS } from "../../../host-agent/src/bridge/network.js";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";
import { SILENT } from "../../../host-agent/src/log.js";
import {
  decodeEndpointData,
  type EndpointData,
  type EndpointQos,
  encodeEndpointData,
} from "../../../host-agent/src/rtps/discovery/endpoint-data.js";
import {
  decodeParticipantData,
  encodeParticipantData,
} from "../../../host-agent/src/rtps/discovery/participant-data.js";
import {
  decodeParticipantEntities,
  encodeParticipantEntities,
} from "../../../host-agent/src/rtps/discovery/participant-entities.js";
import { incompatibility, shareAPartition } from "../../../host-agent/src/rtps/discovery/qos-matching.js";
import { MAX_REMOTE_PARTICIPANTS } from "../../../host-agent/src/rtps/limits.js";
import { encodeData } from "../../../host-agent/src/rtps/messages/data.js";
import { encodeMessageHeader } from "../../../host-agent/src/rtps/messages/header.js";
import { discoveryFromEnvironment } from "../../../host-agent/src/rtps/options.js";
import { VirtualNetwork } from "./virtual-network.js";

const HASH = `RIHS01_${"0123456789abcdef".repeat(4)}`;
const TOPIC: EndpointDescription = { topic: "rt/a", type: "test::A", typeHash: HASH, qos: SERVICE_QOS };
const prefixOf = (text: string) => text.padEnd(12, "\0");

function matches() {
  const events: string[] = [];
  const hashes: (string | undefined)[] = [];
  const reasons: (string | undefined)[] = [];
  return {
    events,
    hashes,
    reasons,
    onSample: () => true,
    onMatch: (remote: MatchedEndpoint, matched: boolean, total: number) => {
      events.push(`${matched ? "+" : "-"}${total}`);
      hashes.push(remote.typeHash);
    },
    onIncompatible: (_remote: MatchedEndpoint, reason: string | undefined) => reasons.push(reason),
  };
}

describe("participants (8.5.3)", () => {
  test("two find each other in 200 ms, whoever was first, and learn the type hash", () => {
    const network = new VirtualNetwork();
    const first = matches();
    const second = matches();
    network.join().createReader(TOPIC, first);
    network.run(10_000);
    network.join().createWriter(TOPIC, second);
    network.until(() => first.events.length === 1 && second.events.length === 1, 200);
    expect([first.events, second.events]).toEqual([["+1"], ["+1"]]);
    expect([...first.hashes, ...second.hashes]).toEqual([HASH, HASH]);
  });

  test("they find each other although half of the datagrams are lost: nine of ten in 5 s, all in a minute", () => {
    const slow = Array.from({ length: 200 }, (_, seed) => {
      const network = new VirtualNetwork(seed);
      network.wire.loss = 0.5;
      const first = matches();
      network.join().createReader(TOPIC, first);
      network.run(1000);
      const from = network.now;
      const writer = network.join().createWriter(TOPIC, {});
      network.until(() => first.events.length === 1 && writer.matchedCount === 1);
      return network.now - from > 5000 ? [seed] : [];
    }).flat();
    expect(slow.length, `seeds ${slow.join()}`).toBeLessThan(20);
  });

  test("one that falls silent is forgotten when its lease of 20 s has expired", () => {
    const network = new VirtualNetwork();
    const seen = matches();
    network.join().createReader(TOPIC, seen);
    const other = network.join();
    other.createWriter(TOPIC, {});
    network.until(() => seen.events.length === 1);
    network.run(60_000);
    expect(seen.events).toEqual(["+1"]);
    network.unplug(other);
    network.run(16_000);
    expect(seen.events).toEqual(["+1"]);
    network.run(5_000);
    expect(seen.events).toEqual(["+1", "-0"]);
  });

  test.each(["volatile", "transient_local"] as const)(
    "one that was forgotten but has not noticed is found again, %s",
    (durability) => {
      const network = new VirtualNetwork();
      const description = { ...TOPIC, qos: { ...SERVICE_QOS, durability } };
      const here = network.join();
      const received: number[] = [];
      const seen = matches();
      here.createReader(description, {
        ...seen,
        onSample: (sample) => received.push(sample.payload[0] as number) > 0,
      });
      const mirrored = { ...description, topic: "rt/back" };
      const back = here.createWriter(mirrored, {});
      const other = network.join();
      const writer = other.createWriter(description, {});
      const returned: number[] = [];
      other.createReader(mirrored, { onSample: (sample) => returned.push(sample.payload[0] as number) > 0 });
      network.until(() => seen.events.length === 1 && back.matchedCount === 1);
      for (const value of [1, 2, 3]) writer.write(Uint8Array.of(value));
      back.write(Uint8Array.of(1));
      network.until(() => received.length === 3 && returned.length === 1);
      network.mute(other, true);
      network.until(() => seen.events.length === 2, 25_000);
      network.mute(other, false);
      network.until(() => seen.events.length === 3 && back.matchedCount === 1, 5000);
      network.run(2000);
      writer.write(Uint8Array.of(4));
      back.write(Uint8Array.of(2));
      network.until(() => received.at(-1) === 4 && returned.at(-1) === 2, 3000);
      // The reader is new to a durable writer, which it asks for its history.
      expect(received).toEqual(durability === "volatile" ? [1, 2, 3, 4] : [1, 2, 3, 1, 2, 3, 4]);
      expect(returned).toEqual([1, 2]);
    },
  );

  test("one that closes is forgotten at once", () => {
    const network = new VirtualNetwork();
    const seen = matches();
    network.join().createReader(TOPIC, seen);
    const other = network.join();
    other.createWriter(TOPIC, {});
    network.until(() => seen.events.length === 1);
    other.close();
    network.until(() => seen.events.length === 2, 10);
    expect(seen.events).toEqual(["+1", "-0"]);
  });

  test("an endpoint that closes unmatches, and only it", () => {
    const network = new VirtualNetwork();
    const seen = matches();
    network.join().createReader(TOPIC, seen);
    const other = network.join();
    const [one] = [other.createWriter(TOPIC, {}), other.createWriter(TOPIC, {})];
    network.until(() => seen.events.length === 2);
    one?.close();
    network.until(() => seen.events.length === 3, 10);
    expect(seen.events).toEqual(["+1", "+2", "-1"]);
    expect(() => one?.write(new Uint8Array(1))).toThrow(expect.objectContaining({ code: "NETWORK_CLOSED" }));
  });

  test("more than the limit of participants are ignored, with one line in the log", () => {
    const network = new VirtualNetwork();
    const lines: string[] = [];
    const participant = network.join({ log: { ...SILENT, error: (message) => lines.push(message) } });
    for (let index = 0; index < MAX_REMOTE_PARTICIPANTS + 10; index++) {
      participant.receive(announcement(prefixOf(`\x01\x0fpeer${index}`)), "10.9.9.9");
    }
    expect(participant.participant(prefixOf("\x01\x0fpeer0"))).toBeDefined();
    expect(participant.participant(prefixOf(`\x01\x0fpeer${MAX_REMOTE_PARTICIPANTS}`))).toBeUndefined();
    expect(lines).toEqual([`more than ${MAX_REMOTE_PARTICIPANTS} participants; the rest is ignored`]);
  });

  test.each([
    ["of another domain", 5, ""],
    ["with a domain tag", 0, "1440 0800 04000000 74616700"],
    ["with a parameter that must be understood and is not", 0, "3440 0400 00000000"],
  ])("one %s is ignored", (_name, domainId, parameter) => {
    const participant = new VirtualNetwork().join();
    const prefix = prefixOf("\x01\x0fother");
    participant.receive(announcement(prefix, domainId, parameter), "10.9.9.9");
    expect(participant.participant(prefix)).toBeUndefined();
    participant.receive(announcement(prefix), "10.9.9.9");
    expect(participant.participant(prefix)).toBeDefined();
  });
});

/** DATA(p) of a made-up participant. @param parameter hex of one more parameter */
function announcement(prefix: string, domainId = 0, parameter = ""): Uint8Array {
  const locator = { address: "10.9.9.9", port: 7410 };
  const payload = encodeParticipantData({
    prefix,
    domainId,
    metatrafficUnicast: [locator],
    defaultUnicast: [locator],
    lease: 20_000_000_000n,
    enclave: "/",
  });
  const extra = Buffer.from(parameter.replace(/ /g, ""), "hex");
  const out = new CdrWriter();
  encodeMessageHeader(out, Buffer.from(prefix, "latin1"));
  encodeData(out, {
    kind: "data",
    readerId: 0,
    writerId: 0x000100c2,
    sequenceNumber: 1,
    keyOnly: false,
    payload: Buffer.concat([payload.subarray(0, 4), extra, payload.subarray(4)]),
  });
  return out.copy();
}

describe("matching", () => {
  test("QoS and types that do not match are reported to both ends, once", () => {
    const network = new VirtualNetwork();
    const wants = matches();
    const offers = matches();
    network.join().createReader({ ...TOPIC, qos: { ...SERVICE_QOS, durability: "transient_local" } }, wants);
    const other = network.join();
    const writer = other.createWriter(TOPIC, offers);
    network.run(30_000);
    const reason =
      "DURABILITY does not match: the writer offers volatile, the reader requests transient_local.";
    expect([wants.reasons, offers.reasons]).toEqual([[reason], [reason]]);
    expect([wants.events, offers.events]).toEqual([[], []]);
    writer.close();
    network.run(1000);
    expect(wants.reasons).toEqual([reason, undefined]);
  });

  const qos: EndpointQos = {
    reliability: "reliable",
    durability: "transient_local",
    liveliness: "automatic",
    ownership: "shared",
    partitions: [],
    representations: [0],
  };
  const endpoint = (kind: EndpointData["kind"], policies: Partial<EndpointQos> = {}): EndpointData => ({
    kind,
    guid: { prefix: prefixOf("x"), entityId: kind === "writer" ? 0x103 : 0x104 },
    topic: "rt/a",
    type: "test::A",
    qos: { ...qos, ...policies },
    unicast: [],
  });
  const SECOND = 1_000_000_000n;

  test.each<[Partial<EndpointQos>, Partial<EndpointQos>, string | undefined]>([
    [{}, {}, undefined],
    [{}, { reliability: "best_effort", durability: "volatile" }, undefined],
    [
      { reliability: "best_effort" },
      {},
      "RELIABILITY does not match: the writer offers best_effort, the reader requests reliable.",
    ],
    [
      { durability: "volatile" },
      {},
      "DURABILITY does not match: the writer offers volatile, the reader requests transient_local.",
    ],
    [{ deadline: SECOND }, {}, undefined],
    [{ deadline: SECOND }, { deadline: SECOND }, undefined],
    [
      {},
      { deadline: SECOND },
      "DEADLINE does not match: the writer offers infinite, the reader requests 1 s.",
    ],
    [
      { deadline: 2n * SECOND },
      { deadline: SECOND },
      "DEADLINE does not match: the writer offers 2 s, the reader requests 1 s.",
    ],
    [{ liveliness: "manual_by_topic" }, {}, undefined],
    [
      {},
      { liveliness: "manual_by_topic" },
      "LIVELINESS does not match: the writer offers automatic, the reader requests manual_by_topic.",
    ],
    [
      {},
      { livelinessLease: SECOND / 2n },
      "LIVELINESS lease does not match: the writer offers infinite, the reader requests 0.5 s.",
    ],
    [
      { ownership: "exclusive" },
      {},
      "OWNERSHIP does not match: the writer offers exclusive, the reader requests shared.",
    ],
    [{}, { representations: [2, 0] }, undefined],
    [
      { representations: [2] },
      {},
      "DATA_REPRESENTATION does not match: the writer offers XCDR2, the reader requests XCDR1.",
    ],
    [{ lifespan: SECOND }, {}, undefined],
  ])("writer %o, reader %o: %s", (offered, requested, reason) => {
    expect(incompatibility(endpoint("writer", offered), endpoint("reader", requested))).toBe(reason);
  });

  test("partitions", () => {
    const shared = (a: string[], b: string[]) =>
      shareAPartition(endpoint("writer", { partitions: a }), endpoint("reader", { partitions: b }));
    expect([shared([], []), shared([], [""]), shared(["x", "y"], ["y"])]).toEqual([true, true, true]);
    expect([shared([], ["x"]), shared(["x"], ["y"])]).toEqual([false, false]);
  });
});

describe("discovery data round trips", () => {
  test("endpoint data with every policy", () => {
    const endpoint: EndpointData = {
      kind: "reader",
      guid: { prefix: prefixOf("\x01\x0f"), entityId: 0x104 },
      topic: "rt/a",
      type: "test::A",
      typeHash: HASH,
      qos: {
        reliability: "best_effort",
        durability: "transient_local",
        deadline: 1_500_000_000n,
        lifespan: 123_456_789n,
        liveliness: "manual_by_topic",
        livelinessLease: 1n,
        ownership: "shared",
        partitions: [],
        representations: [0],
      },
      unicast: [],
    };
    expect(decodeEndpointData("reader", encodeEndpointData(endpoint))).toEqual(endpoint);
  });

  test("participant data", () => {
    const own = {
      prefix: prefixOf("\x01\xee"),
      domainId: 7,
      metatrafficUnicast: [{ address: "10.0.0.1", port: 9160 }],
      defaultUnicast: [
        { address: "10.0.0.1", port: 9161 },
        { address: "192.168.1.1", port: 9161 },
      ],
      lease: 20_000_000_000n,
      enclave: "/robot",
    };
    expect(decodeParticipantData(encodeParticipantData(own))).toEqual({
      ...own,
      vendor: 0x01ee,
      builtinEndpoints: 0xc3f,
      domainTag: "",
    });
  });

  test("node list, as captured from ROS 2 Jazzy (test/vectors/rtps/jazzy_srv_udp_subnet.pcap)", () => {
    const captured = Buffer.from(
      "010f7f01580e218a00000000000001c101000000020000002f0000000b0000006164645f636c69656e74000001000000" +
        "010f7f01580e218a000000000000110402000000010f7f01580e218a0000000000000303010f7f01580e218a0000000000001203",
      "hex",
    );
    const list = decodeParticipantEntities(captured, true);
    expect(list.nodes).toHaveLength(1);
    expect(list.nodes[0]).toMatchObject({ namespace: "/", name: "add_client" });
    expect(list.nodes[0]?.readers.map(({ entityId }) => entityId)).toEqual([0x1104]);
    expect(list.nodes[0]?.writers.map(({ entityId }) => entityId)).toEqual([0x303, 0x1203]);
    expect(Buffer.from(encodeParticipantEntities(list)).equals(captured)).toBe(true);
  });
});

describe("the ROS graph", () => {
  test("nodes of others come, change and go with their participant", () => {
    const network = new VirtualNetwork();
    const { graph } = network.joinRos();
    const other = network.joinRos();
    const names = () => graph.view().nodes.map(({ namespace, name }) => `${namespace} ${name}`);
    const node = { name: "b", namespace: "/n", readers: new Set([]), writers: new Set([]) };
    other.graph.add({ name: "a", namespace: "/", readers: new Set(), writers: new Set() });
    other.graph.add(node);
    network.until(() => names().length === 2, 1000);
    expect(names()).toEqual(["/ a", "/n b"]);
    other.graph.remove(node);
    network.until(() => names().length === 1, 100);
    network.unplug(other.participant);
    network.until(() => names().length === 0, 25_000);
  });
});

describe("discoveryFromEnvironment", () => {
  test.each<[Record<string, string>, object]>([
    [{}, { domainId: 0, range: "SUBNET", staticPeers: [] }],
    [{ ROS_DOMAIN_ID: "42" }, { domainId: 42, range: "SUBNET", staticPeers: [] }],
    [
      { ROS_AUTOMATIC_DISCOVERY_RANGE: "localhost", ROS_STATIC_PEERS: "a;10.0.0.1" },
      { domainId: 0, range: "LOCALHOST", staticPeers: ["a", "10.0.0.1"] },
    ],
    [{ ROS_LOCALHOST_ONLY: "1" }, { domainId: 0, range: "LOCALHOST", staticPeers: [] }],
    [
      { ROS_LOCALHOST_ONLY: "1", ROS_AUTOMATIC_DISCOVERY_RANGE: "OFF" },
      { domainId: 0, range: "OFF", staticPeers: [] },
    ],
  ])("%o", (environment, expected) => {
    expect(discoveryFromEnvironment(environment)).toEqual(expected);
  });

  test.each([{ ROS_DOMAIN_ID: "233" }, { ROS_DOMAIN_ID: "x" }, { ROS_AUTOMATIC_DISCOVERY_RANGE: "NEAR" }])(
    "%o is refused",
    (environment) => {
      expect(() => discoveryFromEnvironment(environment)).toThrow(
        expect.objectContaining({ code: "RTPS_OPTIONS" }),
      );
    },
  );
});
