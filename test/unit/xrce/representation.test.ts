import { describe, expect, test } from "vitest";
import { DecodeError, RosehipError } from "../../../host-agent/src/errors.js";
import { decodeBinary } from "../../../host-agent/src/xrce/message/representation/binary.js";
import { References } from "../../../host-agent/src/xrce/message/representation/reference.js";
import { decodeXml } from "../../../host-agent/src/xrce/message/representation/xml.js";

const bytes = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replace(/[^0-9a-f]/gi, ""), "hex"));
const [PARTICIPANT, TOPIC, PUBLISHER, SUBSCRIBER, DATAWRITER, DATAREADER, REQUESTER, REPLIER] = [
  1, 2, 3, 4, 5, 6, 7, 8,
] as const;

const SERVICE =
  "05000000 7376633200 7f0000 04000000 52715400 04000000 52705400 01 000000 0f000000 72712f737663325265717565737400 01 0d000000 72722f737663325265706c7900";
const SERVICE_VALUE = {
  serviceName: "svc2",
  requestType: "RqT",
  replyType: "RpT",
  requestTopic: "rq/svc2Request",
  replyTopic: "rr/svc2Reply",
};
const DIGEST_1 = "11".repeat(32);
const DIGEST_2 = "22".repeat(32);

describe("binary representations (7.7.3); octets from session_serial", () => {
  test.each([
    [
      "participant (40)",
      PARTICIPANT,
      "00010000 09000000 62696e5f7061727400",
      { kind: "participant", name: "bin_part" },
    ],
    ["participant without a name", PARTICIPANT, "0000", { kind: "participant" }],
    [
      "participant with a domain reference",
      PARTICIPANT,
      "01 000000 02000000 6100 01 00 02000000 6200",
      { kind: "participant", name: "b" },
    ],
    [
      "topic (44)",
      TOPIC,
      "07000000 72742f62696e00 00 01c2c1c3 08000000 42696e5479706500",
      { kind: "topic", name: "rt/bin", type: "BinType" },
    ],
    ["publisher (48)", PUBLISHER, "0000", { kind: "publisher" }],
    ["subscriber (52)", SUBSCRIBER, "0000", { kind: "subscriber" }],
    [
      "datawriter (56)",
      DATAWRITER,
      "0022 01 00 0b00 01 fb 0a00 00000000",
      {
        kind: "datawriter",
        topic: { topicId: 0x22 },
        qos: { reliable: true, durability: "transient_local", keepAll: false, depth: 10 },
      },
    ],
    [
      "datareader (60)",
      DATAREADER,
      "0022 01 00 0b00 01 fb 0a00 0000000000",
      {
        kind: "datareader",
        topic: { topicId: 0x22 },
        qos: { reliable: true, durability: "transient_local", keepAll: false, depth: 10 },
      },
    ],
    [
      "datawriter with every field",
      DATAWRITER,
      "0022 01 00 0100 01 00 0500 01 00 e8030000 01 000000 d0070000 01 000000 02000000 abcd 01 00 07000000",
      {
        kind: "datawriter",
        topic: { topicId: 0x22 },
        qos: {
          reliable: true,
          durability: "volatile",
          keepAll: true,
          depth: 5,
          deadlineMs: 1000,
          lifespanMs: 2000,
        },
        userData: bytes("abcd"),
      },
    ],
    ["requester (64)", REQUESTER, SERVICE, { kind: "requester", ...SERVICE_VALUE }],
    ["replier (68)", REPLIER, SERVICE, { kind: "replier", ...SERVICE_VALUE }],
    [
      "replier with Rosehip's type digests",
      REPLIER,
      `${SERVICE} 000000 31544852 ${DIGEST_1} ${DIGEST_2}`,
      {
        kind: "replier",
        ...SERVICE_VALUE,
        requestTypeDigest: bytes(DIGEST_1),
        replyTypeDigest: bytes(DIGEST_2),
      },
    ],
    [
      "replier whose digests are unknown",
      REPLIER,
      `${SERVICE} 000000 31544852 ${"00".repeat(64)}`,
      { kind: "replier", ...SERVICE_VALUE },
    ],
    [
      "replier with somebody else's extension",
      REPLIER,
      `${SERVICE} 000000 31544853 ${"11".repeat(64)}`,
      { kind: "replier", ...SERVICE_VALUE },
    ],
    [
      "replier with a cut extension",
      REPLIER,
      `${SERVICE} 000000 31544852 ${"11".repeat(63)}`,
      { kind: "replier", ...SERVICE_VALUE },
    ],
    [
      "datareader with Rosehip's type digest",
      DATAREADER,
      `0022 01 00 0300 01 fb 0a00 0000000000 00 31544852 ${DIGEST_1}`,
      {
        kind: "datareader",
        topic: { topicId: 0x22 },
        qos: { reliable: true, durability: "volatile", keepAll: false, depth: 10 },
        typeDigest: bytes(DIGEST_1),
      },
    ],
    [
      "datareader with Rosehip's type digest and liveliness",
      DATAREADER,
      `0022 01 00 0300 01 fb 0a00 0000000000 00 31544852 ${DIGEST_1} 314c4852 01000000 f4010000`,
      {
        kind: "datareader",
        topic: { topicId: 0x22 },
        qos: {
          reliable: true,
          durability: "volatile",
          keepAll: false,
          depth: 10,
          liveliness: { manualByTopic: true, leaseMs: 500 },
        },
        typeDigest: bytes(DIGEST_1),
      },
    ],
    [
      "datawriter with a liveliness lease",
      DATAWRITER,
      "0022 01 00 0300 01 fb 0a00 0000 00 00 0000 314c4852 00000000 f4010000",
      {
        kind: "datawriter",
        topic: { topicId: 0x22 },
        qos: {
          reliable: true,
          durability: "volatile",
          keepAll: false,
          depth: 10,
          liveliness: { manualByTopic: false, leaseMs: 500 },
        },
      },
    ],
    [
      "datawriter without QoS has Fast DDS's default",
      DATAWRITER,
      "0022 00",
      {
        kind: "datawriter",
        topic: { topicId: 0x22 },
        qos: { reliable: true, durability: "transient_local", keepAll: false, depth: 1 },
      },
    ],
  ])("%s", (_name, kind, octets, value) => {
    // The length of a service's strings leaves its end unaligned: 69 octets.
    expect(decodeBinary(kind, bytes(octets), true)).toEqual(value);
  });

  test.each([PARTICIPANT, TOPIC, PUBLISHER, DATAWRITER, DATAREADER, REQUESTER])(
    "kind %i, cut anywhere or of random octets, decodes or is refused",
    (kind) => {
      const whole = bytes(`${SERVICE} 000000 31544852 ${DIGEST_1} ${DIGEST_2}`);
      for (let length = 0; length < whole.byteLength; length++) {
        for (const flip of [0, 0xff])
          refusesCleanly(() =>
            decodeBinary(
              kind,
              whole.subarray(0, length).map((octet) => octet ^ flip),
              true,
            ),
          );
      }
    },
  );

  test("partitions and content filters are refused with a remedy", () => {
    expect(() => decodeBinary(PUBLISHER, bytes("00 01 01 00 01000000 02000000 6100 00"), true)).toThrow(
      /partitions/,
    );
    expect(() =>
      decodeBinary(DATAREADER, bytes("0022 01 00 0300 00 00 00 00 00 01 02000000 7800"), true),
    ).toThrow(/content filters/);
  });
});

describe("XML representations, as Micro XRCE-DDS clients send them", () => {
  test.each([
    [
      PARTICIPANT,
      "<dds><participant><rtps><name>xrce_bench</name></rtps></participant></dds>",
      { kind: "participant", name: "xrce_bench" },
    ],
    [
      TOPIC,
      "<dds><topic><name>XmlTopic</name><dataType>XmlType</dataType></topic></dds>",
      { kind: "topic", name: "XmlTopic", type: "XmlType" },
    ],
    [PUBLISHER, "", { kind: "publisher" }],
    [SUBSCRIBER, "<dds><subscriber/></dds>", { kind: "subscriber" }],
    [
      DATAWRITER,
      "<dds><data_writer><topic><kind>NO_KEY</kind><name>XmlTopic</name><dataType>XmlType</dataType></topic></data_writer></dds>",
      {
        kind: "datawriter",
        topic: { name: "XmlTopic", type: "XmlType" },
        qos: { reliable: true, durability: "transient_local", keepAll: false, depth: 1 },
      },
    ],
    [
      DATAREADER,
      `<?xml version="1.0"?><dds><data_reader profile_name="p"><historyMemoryPolicy>PREALLOCATED_WITH_REALLOC</historyMemoryPolicy><qos><reliability><kind>RELIABLE</kind></reliability><durability><kind>TRANSIENT_LOCAL</kind></durability></qos><topic><name>T</name><dataType>Y</dataType><historyQos><kind>KEEP_LAST</kind><depth>20</depth></historyQos></topic></data_reader></dds>`,
      {
        kind: "datareader",
        topic: { name: "T", type: "Y" },
        qos: { reliable: true, durability: "transient_local", keepAll: false, depth: 20 },
      },
    ],
    [
      REPLIER,
      '<dds><replier profile_name="rp" service_name="svc1" request_type="RqT" reply_type="RpT"></replier></dds>',
      {
        kind: "replier",
        serviceName: "svc1",
        requestType: "RqT",
        replyType: "RpT",
        requestTopic: "svc1_Request",
        replyTopic: "svc1_Reply",
      },
    ],
    [
      REQUESTER,
      '<dds><requester profile_name="rq" service_name="s" request_type="Q" reply_type="P"><request_topic_name>rq/sRequest</request_topic_name><reply_topic_name>rr/sReply</reply_topic_name></requester></dds>',
      {
        kind: "requester",
        serviceName: "s",
        requestType: "Q",
        replyType: "P",
        requestTopic: "rq/sRequest",
        replyTopic: "rr/sReply",
      },
    ],
  ])("kind %i %s", (kind, xml, value) => {
    expect(decodeXml(kind, xml)).toEqual(value);
  });

  test.each([
    [
      "a billion laughs",
      '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><dds><topic><name>&b;</name><dataType>t</dataType></topic></dds>',
    ],
    [
      "an external entity",
      '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><dds><topic><name>&a;</name><dataType>t</dataType></topic></dds>',
    ],
    ["deep nesting", `<dds><topic>${"<a>".repeat(2000)}${"</a>".repeat(2000)}</topic></dds>`],
    ["an open element", "<dds><broken"],
    ["a prototype's name", "<dds><__proto__><name>x</name></__proto__></dds>"],
    ["another element", "<dds><data_reader/></dds>"],
    ["no name", "<dds><topic><dataType>t</dataType></topic></dds>"],
    ["an element as name", "<dds><topic><name><x/></name><dataType>t</dataType></topic></dds>"],
    ["a long name", `<dds><topic><name>${"x".repeat(600)}</name><dataType>t</dataType></topic></dds>`],
    ["nothing", ""],
  ])("%s is refused", (_name, xml) => {
    expect(() => decodeXml(TOPIC, xml)).toThrow(RosehipError);
  });

  test("entities are never expanded", () => {
    const value = decodeXml(TOPIC, "<dds><topic><name>&lt;&#65;</name><dataType>t</dataType></topic></dds>");
    expect(value).toEqual({ kind: "topic", name: "&lt;&#65;", type: "t" });
  });
});

describe("references", () => {
  test("are found by kind and profile name, in either form of the file", () => {
    const profiles =
      '<profiles><topic profile_name="a"><name>A</name><dataType>T</dataType></topic><topic profile_name="b"><name>B</name><dataType>T</dataType></topic></profiles>';
    for (const xml of [profiles, `<dds>${profiles}</dds>`]) {
      const references = new References(xml);
      expect(references.find(TOPIC, "b")).toEqual({ kind: "topic", name: "B", type: "T" });
      expect([references.find(TOPIC, "c"), references.find(PARTICIPANT, "a")]).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  test("a file that is none is refused", () => {
    expect(() => new References("<x/>")).toThrow(/no <profiles>/);
    expect(() => new References("<profiles><topic><name>A</name></topic></profiles>")).toThrow(
      /profile_name/,
    );
  });
});

function refusesCleanly(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error instanceof DecodeError || error instanceof RosehipError).toBe(true);
  }
}
