/** Everything in captures of ROS 2 Jazzy and Kilted, against the reading of an independent decoder. */
import { describe, expect, test } from "vitest";
import { decodeEndpointData, decodeKey } from "../../../host-agent/src/rtps/discovery/endpoint-data.js";
import { decodeParticipantData } from "../../../host-agent/src/rtps/discovery/participant-data.js";
import { decodeParticipantEntities } from "../../../host-agent/src/rtps/discovery/participant-entities.js";
import type { Data } from "../../../host-agent/src/rtps/messages/data.js";
import { decodeMessageHeader } from "../../../host-agent/src/rtps/messages/header.js";
import { decodeSubmessages, type Submessage } from "../../../host-agent/src/rtps/messages/message.js";
import { formatGuid, guidFromBytes } from "../../../host-agent/src/rtps/structure/guid.js";
import { formatLocator } from "../../../host-agent/src/rtps/structure/locator.js";
import { CAPTURES, readCapture, readCommentary } from "./pcap.js";

const NAMES: Partial<Record<Submessage["kind"], string>> = {
  infoTimestamp: "INFO_TS",
  infoDestination: "INFO_DST",
  heartbeat: "HEARTBEAT",
  acknack: "ACKNACK",
  gap: "GAP",
};
const WRITERS: Record<string, string> = {
  "000100c2": "SPDPw",
  "000003c2": "SEDPpubW",
  "000004c2": "SEDPsubW",
  "000200c2": "PMDw",
  "000300c3": "TLsvcReqW",
  "000301c3": "TLsvcRepW",
};

interface Seen {
  readonly source: string;
  readonly destination: string;
  readonly submessage: Submessage;
}

describe.each(CAPTURES)("%s", (name) => {
  const commentary = readCommentary(name);
  const seen: Seen[] = [];
  for (const { destination, datagram } of readCapture(name)) {
    const source = formatGuid({ prefix: decodeMessageHeader(datagram).prefix, entityId: 0 }).slice(0, 24);
    decodeSubmessages(datagram, (submessage) => seen.push({ source, destination, submessage }));
  }
  const data = seen.filter((entry): entry is Seen & { submessage: Data } => entry.submessage.kind === "data");
  const writerName = ({ writerId }: Data) => WRITERS[writerId.toString(16).padStart(8, "0")];
  const discovered = data.filter(
    ({ submessage }) => submessage.payload !== undefined && (submessage.inlineQos?.statusInfo ?? 0) === 0,
  );
  const endpoints = new Map(
    discovered.flatMap(({ submessage }) => {
      const writer = writerName(submessage);
      if (writer !== "SEDPpubW" && writer !== "SEDPsubW") return [];
      const kind = writer === "SEDPpubW" ? "writer" : "reader";
      const endpoint = decodeEndpointData(kind, submessage.payload as Uint8Array);
      return [[formatGuid(endpoint.guid), endpoint] as const];
    }),
  );

  test("submessages: as many of each kind, to the same ports", () => {
    const counts = new Map<string, number>();
    for (const { source, destination, submessage } of seen) {
      let key = NAMES[submessage.kind];
      if (submessage.kind === "data") {
        const guid = `${source}|${submessage.writerId.toString(16).padStart(8, "0")}`;
        key = `DATA ${writerName(submessage) ?? endpoints.get(guid)?.topic} ->${destination}`;
      }
      expect(key, submessage.kind).toBeDefined();
      counts.set(key as string, (counts.get(key as string) ?? 0) + 1);
    }
    // 0x80 is a vendor's submessage that is skipped by its length.
    const expected = commentary.counts.filter((line) => !line.endsWith(" 0x80")).map((line) => line.trim());
    expect([...counts].map(([key, count]) => `${count} ${key}`).sort()).toEqual(expected.sort());
  });

  test("participants: GUID, vendor, locators, lease, built-in endpoints", () => {
    const lines = new Set(
      discovered
        .filter(({ submessage }) => writerName(submessage) === "SPDPw")
        .map(({ submessage }) => {
          const found = decodeParticipantData(submessage.payload as Uint8Array);
          const list = (locators: typeof found.defaultUnicast) =>
            `[${locators.map((locator) => `'UDPv4:${formatLocator(locator)}'`).join(", ")}]`;
          const guid = formatGuid({ prefix: found.prefix, entityId: 0x1c1 });
          const seconds = (Number(found.lease) / 1e9).toFixed(3);
          return (
            `P vendor ${found.vendor.toString(16).padStart(4, "0")} guid ${guid} ` +
            `USER_DATA 'enclave=${found.enclave};\\x00' builtin 0x${found.builtinEndpoints.toString(16)} ` +
            `meta ${list(found.metatrafficUnicast)} def ${list(found.defaultUnicast)} lease ${seconds}s name '/'`
          );
        }),
    );
    expect([...lines].sort()).toEqual(commentary.participants.filter((line) => line.startsWith("P ")).sort());
  });

  test("endpoints: topic, type, GUID, QoS, locators, type hash", () => {
    const lines = [...endpoints.values()].map(({ kind, topic, type, guid, qos, unicast, typeHash }) => {
      expect([qos.livelinessLease, qos.deadline]).toEqual([undefined, undefined]);
      const lifespan = qos.lifespan === undefined ? "inf" : `${(Number(qos.lifespan) / 1e9).toFixed(3)}s`;
      expect([qos.liveliness, qos.ownership, qos.partitions]).toEqual(["automatic", "shared", []]);
      const locators = unicast.map((locator) => `'UDPv4:${formatLocator(locator)}'`).join(", ");
      return (
        `${kind === "writer" ? "W" : "R"} '${topic}' '${type}' ${formatGuid(guid)} ` +
        `${qos.reliability.toUpperCase()} ${qos.durability.toUpperCase()} UNI [${locators}] ` +
        `'typehash=${typeHash};' (${qos.representations.join()},) LIFESPAN ${lifespan}`
      );
    });
    const expected = commentary.participants
      .filter((line) => !line.startsWith("P "))
      .map((line) =>
        line
          .replace(/ max_block \S+/, "")
          .replace(/ USER_DATA/, "")
          .replace(/ REPR/, "")
          .replace(/ LIVELINESS AUTOMATIC inf/, "")
          .replace(/ DEADLINE inf$/, ""),
      );
    expect(lines.sort()).toEqual(expected.sort());
  });

  test("user data: sequence numbers, related sample identity, payload", () => {
    const lines = data
      .filter(({ submessage }) => writerName(submessage) === undefined && !submessage.keyOnly)
      .flatMap(({ source, submessage }) => {
        const { payload, sequenceNumber, inlineQos } = submessage;
        if (payload === undefined) return [];
        const related = inlineQos?.related;
        const guid = related && formatGuid(guidFromBytes(related.guid));
        // SEQUENCE_NUMBER_UNKNOWN, {-1, 0}, is -2^32 to the other decoder.
        const number = related?.sequenceNumber === -1n ? -(2n ** 32n) : related?.sequenceNumber;
        return [
          `${source} ${sequenceNumber} ${related ? `${guid} ${number}` : "-"} ` +
            Buffer.from(payload).toString("hex").slice(0, 320),
        ];
      });
    const expected = commentary.data
      .join("\n")
      .split(/\n?(?=^#)/m)
      .filter((block) => / DATA /.test(block) && !/ DATA (TLsvc|PMDw)/.test(block))
      .map((block) => {
        const [, source, number] = / writer (\w+)\|.* sn (\d+) /.exec(block) as RegExpExecArray;
        const related = /inline 0083 .* guid (\S+) sn (-?\d+)/.exec(block);
        const payload = /payload ([0-9a-f]*)/.exec(block)?.[1];
        return `${source} ${number} ${related ? `${related[1]} ${related[2]}` : "-"} ${payload}`;
      });
    expect(expected.length).toBeGreaterThan(0);
    expect(lines.sort()).toEqual(expected.sort());
  });

  test("disposals name what goes", () => {
    const lines = data
      .filter(({ submessage }) => (submessage.inlineQos?.statusInfo ?? 0) !== 0)
      .map(({ submessage }) => {
        expect(submessage.inlineQos?.statusInfo).toBe(3);
        if (submessage.payload !== undefined) decodeKey(submessage.payload);
        return `${submessage.sequenceNumber} ${Buffer.from(submessage.inlineQos?.keyHash ?? []).toString("hex")}`;
      });
    const expected = commentary.data
      .filter((line) => line.includes("dispose/unreg"))
      .map((line) => {
        const [, number, key] = / sn (\d+) .*'KEY_HASH', '(\w+)'/.exec(line) as RegExpExecArray;
        return `${number} ${key}`;
      });
    expect(expected.length).toBeGreaterThan(0);
    expect(lines.sort()).toEqual(expected.sort());
  });

  test("ros_discovery_info lists nodes whose endpoints were announced", () => {
    const names = new Set<string>();
    for (const { source, submessage } of discovered) {
      const guid = `${source}|${submessage.writerId.toString(16).padStart(8, "0")}`;
      if (endpoints.get(guid)?.topic !== "ros_discovery_info") continue;
      const payload = submessage.payload as Uint8Array;
      const { prefix, nodes } = decodeParticipantEntities(payload.subarray(4), payload[1] === 1);
      expect(formatGuid({ prefix, entityId: 0 }).slice(0, 24)).toBe(source);
      for (const node of nodes) {
        names.add(`${node.namespace}${node.name}`);
        const kinds = [...node.readers, ...node.writers].map((id) => endpoints.get(formatGuid(id))?.kind);
        expect(kinds).toEqual([...node.readers.map(() => "reader"), ...node.writers.map(() => "writer")]);
      }
    }
    // In that capture the client had left before the server's list was asked for.
    const expected = name === "kilted_srv_udp_subnet" ? ["client"] : ["client", "server"];
    const prefix = name.includes("srv") ? "/add_" : "/fib_";
    expect([...names].sort()).toEqual(expected.map((role) => prefix + role));
  });
});
