/**
 * Each submessage in both byte orders, written out octet by octet from DDSI-RTPS 2.5, 9.4.5 (the clause is in
 * each name). Bodies only: the submessage header is tested with the message.
 */
import { describe, expect, test } from "vitest";
import { CdrReader } from "../../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";
import { decodeAckNack, encodeAckNack } from "../../../host-agent/src/rtps/messages/acknack.js";
import { decodeData, encodeData } from "../../../host-agent/src/rtps/messages/data.js";
import { decodeDataFrag, encodeDataFragHead } from "../../../host-agent/src/rtps/messages/data-frag.js";
import { decodeGap, encodeGap } from "../../../host-agent/src/rtps/messages/gap.js";
import { decodeMessageHeader, encodeMessageHeader } from "../../../host-agent/src/rtps/messages/header.js";
import { decodeHeartbeat, encodeHeartbeat } from "../../../host-agent/src/rtps/messages/heartbeat.js";
import {
  decodeHeartbeatFrag,
  encodeHeartbeatFrag,
} from "../../../host-agent/src/rtps/messages/heartbeat-frag.js";
import {
  decodeInfoDestination,
  encodeInfoDestination,
} from "../../../host-agent/src/rtps/messages/info-destination.js";
import { decodeInfoSource } from "../../../host-agent/src/rtps/messages/info-source.js";
import {
  decodeInfoTimestamp,
  encodeInfoTimestamp,
} from "../../../host-agent/src/rtps/messages/info-timestamp.js";
import { decodeSubmessages, type Submessage } from "../../../host-agent/src/rtps/messages/message.js";
import { decodeNackFrag, encodeNackFrag } from "../../../host-agent/src/rtps/messages/nack-frag.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const IDS = "00000107 00000203"; // readerId 0x107, writerId 0x203
const ids = { readerId: 0x107, writerId: 0x203 };
const PREFIX = "01ee0102030405060708090a";
const prefix = Buffer.from(PREFIX, "hex").toString("latin1");
const GUID = `${PREFIX}000003c2`;

interface Vector {
  readonly name: string;
  readonly flags: number;
  readonly little: string;
  readonly big: string;
  readonly value: Submessage;
  readonly decode: (body: CdrReader, flags: number) => Submessage;
  readonly encode?: (out: CdrWriter) => void;
}

const heartbeat = {
  kind: "heartbeat",
  ...ids,
  first: 1,
  last: 2 ** 32 + 2,
  count: 3,
  final: true,
  liveliness: true,
} as const;
const heartbeatFrag = {
  kind: "heartbeatFrag",
  ...ids,
  sequenceNumber: 7,
  lastFragment: 9,
  count: 1,
} as const;
const acknack = {
  kind: "acknack",
  ...ids,
  state: { base: 5, members: [5, 36, 37] },
  count: 2,
  final: true,
} as const;
const nackFrag = {
  kind: "nackFrag",
  ...ids,
  sequenceNumber: 1,
  missing: { base: 2, members: [2, 4] },
  count: 6,
} as const;
const gap = { kind: "gap", ...ids, start: 3, list: { base: 5, members: [7] } } as const;
const data = {
  kind: "data",
  ...ids,
  sequenceNumber: 10,
  keyOnly: false,
  payload: hex("00010000 2a000000"),
  inlineQos: { statusInfo: 0, related: { guid: hex(GUID), sequenceNumber: 12n } },
} as const;
const dataFrag = {
  kind: "dataFrag",
  ...ids,
  sequenceNumber: 10,
  firstFragment: 2,
  fragmentCount: 1,
  fragmentSize: 4,
  sampleSize: 7,
  keyOnly: false,
  payload: hex("0a0b0c"),
} as const;

const vectors: Vector[] = [
  {
    name: "HEARTBEAT, 9.4.5.7",
    flags: 0x06, // liveliness, final
    little: `${IDS} 00000000 01000000 01000000 02000000 03000000`,
    big: `${IDS} 00000000 00000001 00000001 00000002 00000003`,
    value: heartbeat,
    decode: decodeHeartbeat,
    encode: (out) => encodeHeartbeat(out, heartbeat),
  },
  {
    name: "HEARTBEAT_FRAG, 9.4.5.8",
    flags: 0,
    little: `${IDS} 00000000 07000000 09000000 01000000`,
    big: `${IDS} 00000000 00000007 00000009 00000001`,
    value: heartbeatFrag,
    decode: decodeHeartbeatFrag,
    encode: (out) => encodeHeartbeatFrag(out, heartbeatFrag),
  },
  {
    // 33 bits from 5: bit 0 (5), bit 31 (36), bit 32 (37)
    name: "ACKNACK, 9.4.5.3",
    flags: 0x02,
    little: `${IDS} 00000000 05000000 21000000 01000080 00000080 02000000`,
    big: `${IDS} 00000000 00000005 00000021 80000001 80000000 00000002`,
    value: acknack,
    decode: decodeAckNack,
    encode: (out) => encodeAckNack(out, acknack),
  },
  {
    name: "NACK_FRAG, 9.4.5.14",
    flags: 0,
    little: `${IDS} 00000000 01000000 02000000 03000000 000000a0 06000000`,
    big: `${IDS} 00000000 00000001 00000002 00000003 a0000000 00000006`,
    value: nackFrag,
    decode: decodeNackFrag,
    encode: (out) => encodeNackFrag(out, nackFrag),
  },
  {
    name: "GAP, 9.4.5.6",
    flags: 0,
    little: `${IDS} 00000000 03000000 00000000 05000000 03000000 00000020`,
    big: `${IDS} 00000000 00000003 00000000 00000005 00000003 20000000`,
    value: gap,
    decode: decodeGap,
    encode: (out) => encodeGap(out, gap),
  },
  {
    // extra flags, octets to inline QoS, ids, number, both ids of the related identity, sentinel, payload
    name: "DATA with related sample identity, 9.4.5.4",
    flags: 0x06, // data, inline QoS
    little: `0000 1000 ${IDS} 00000000 0a000000
      8300 1800 ${GUID} 00000000 0c000000 0f80 1800 ${GUID} 00000000 0c000000 0100 0000 00010000 2a000000`,
    big: `0000 0010 ${IDS} 00000000 0000000a
      0083 0018 ${GUID} 00000000 0000000c 800f 0018 ${GUID} 00000000 0000000c 0001 0000 00010000 2a000000`,
    value: data,
    decode: decodeData,
    encode: (out) => encodeData(out, data),
  },
  {
    // fragment 2 of a sample of 7 octets in fragments of 4: 3 octets, one of padding
    name: "DATA_FRAG, 9.4.5.5",
    flags: 0,
    little: `0000 1c00 ${IDS} 00000000 0a000000 02000000 0100 0400 07000000 0a0b0c00`,
    big: `0000 001c ${IDS} 00000000 0000000a 00000002 0001 0004 00000007 0a0b0c00`,
    value: dataFrag,
    decode: decodeDataFrag,
    encode: (out) => {
      encodeDataFragHead(out, dataFrag);
      out.raw(dataFrag.payload);
      out.u8(0);
    },
  },
  {
    name: "INFO_TS of 1.5 s, 9.4.5.12",
    flags: 0,
    little: "01000000 00000080",
    big: "00000001 80000000",
    value: { kind: "infoTimestamp", epochMs: 1500 },
    decode: decodeInfoTimestamp,
    encode: (out) => encodeInfoTimestamp(out, 1500),
  },
  {
    name: "INFO_DST, 9.4.5.9",
    flags: 0,
    little: PREFIX,
    big: PREFIX,
    value: { kind: "infoDestination", prefix },
    decode: decodeInfoDestination,
    encode: (out) => encodeInfoDestination(out, hex(PREFIX)),
  },
  {
    name: "INFO_SRC, 9.4.5.10",
    flags: 0,
    little: `00000000 0202 010f ${PREFIX}`,
    big: `00000000 0202 010f ${PREFIX}`,
    value: { kind: "infoSource", vendor: 0x010f, prefix },
    decode: decodeInfoSource,
  },
];

describe.each(vectors)("$name", ({ flags, little, big, value, decode }) => {
  test("little-endian", () => {
    expect(decode(new CdrReader(hex(little), true), flags)).toEqual(value);
  });

  test("big-endian", () => {
    expect(decode(new CdrReader(hex(big), false), flags)).toEqual(value);
  });

  test("every truncation is refused", () => {
    for (const [text, littleEndian] of [
      [little, true],
      [big, false],
    ] as const) {
      const whole = hex(text);
      // DATA takes what is left as its payload, of any length: it is cut up to its inline QoS only.
      const end = value.kind === "data" ? whole.length - 8 : whole.length;
      for (let length = 0; length < end; length++) {
        const cut = new CdrReader(whole.subarray(0, length), littleEndian);
        if (value.kind === "dataFrag" && length === whole.length - 1) continue; // its padding
        expect(() => decode(cut, flags), `${length} octets`).toThrow(
          expect.objectContaining({ name: "RosehipError" }),
        );
      }
    }
  });
});

test.each(vectors.filter(({ encode }) => encode !== undefined))(
  "$name is written as it is read",
  ({ encode, flags, little }) => {
    const out = new CdrWriter();
    encode?.(out);
    expect(toHex(out.bytes.subarray(4))).toBe(toHex(hex(little)));
    const [, writtenFlags, low, high] = out.bytes;
    expect(writtenFlags).toBe(flags | 1);
    expect((low as number) + 256 * (high as number)).toBe(out.offset - 4);
  },
);

describe("invalid submessages (8.3.8)", () => {
  const read = (text: string) => new CdrReader(hex(text));
  test.each([
    [
      "a HEARTBEAT that ends before it begins",
      decodeHeartbeat,
      `${IDS} 0000000005000000 0000000003000000 01000000`,
    ],
    ["a GAP from 0", decodeGap, `${IDS} 0000000000000000 0000000005000000 00000000`],
    ["a GAP that ends before it begins", decodeGap, `${IDS} 0000000005000000 0000000004000000 00000000`],
    ["257 bits in a set", decodeAckNack, `${IDS} 0000000001000000 01010000 ${"00000000".repeat(9)} 01000000`],
    ["a sequence number over 2^53", decodeAckNack, `${IDS} 0000200000000000 00000000 01000000`],
    ["a negative sequence number", decodeAckNack, `${IDS} ffffffff00000000 00000000 01000000`],
    ["fragment 0", decodeDataFrag, `00001c00 ${IDS} 000000000a000000 00000000 01000400 07000000 00000000`],
    ["no fragments", decodeDataFrag, `00001c00 ${IDS} 000000000a000000 01000000 00000400 07000000 00000000`],
    [
      "fragments of 0",
      decodeDataFrag,
      `00001c00 ${IDS} 000000000a000000 01000000 01000000 07000000 00000000`,
    ],
    [
      "a fragment past the end",
      decodeDataFrag,
      `00001c00 ${IDS} 000000000a000000 03000000 01000400 07000000 00`,
    ],
    ["inline QoS that begins before the header ends", decodeData, `00000800 ${IDS} 0000000001000000`],
  ] as const)("%s", (_name, decode, body) => {
    expect(() => decode(read(body), 0)).toThrow(expect.objectContaining({ name: "RosehipError" }));
  });
});

describe("inline QoS", () => {
  const withInline = (list: string) =>
    decodeData(new CdrReader(hex(`00001000 ${IDS} 0000000001000000 ${list}`)), 2);

  test("either id of the related identity is read, 0x0083 wins", () => {
    const other = GUID.replace("01ee", "01ff");
    const standard = `8300 1800 ${GUID} 00000000 05000000`;
    const old = `0f80 1800 ${other} 00000000 06000000`;
    expect(withInline(`${standard} 01000000`).inlineQos?.related?.sequenceNumber).toBe(5n);
    expect(withInline(`${old} 01000000`).inlineQos?.related?.sequenceNumber).toBe(6n);
    expect(withInline(`${old} ${standard} 01000000`).inlineQos?.related?.sequenceNumber).toBe(5n);
    expect(withInline(`${standard} ${old} 01000000`).inlineQos?.related?.sequenceNumber).toBe(5n);
  });

  test("SEQUENCE_NUMBER_UNKNOWN is -1n; another length than 24 is somebody else's parameter", () => {
    const unknown = `8300 1800 ${GUID} ffffffff 00000000 01000000`;
    expect(withInline(unknown).inlineQos?.related?.sequenceNumber).toBe(-1n);
    expect(withInline("0f80 0400 01020304 01000000").inlineQos).toEqual({ statusInfo: 0 });
  });

  test("status info and key hash", () => {
    const { inlineQos } = withInline(`7000 1000 ${GUID} 7100 0400 00000003 01000000`);
    expect(inlineQos?.statusInfo).toBe(3);
    expect(toHex(inlineQos?.keyHash ?? hex(""))).toBe(GUID);
  });

  test("a list without its sentinel, or with a parameter that is not whole, is refused", () => {
    expect(() => withInline("7100 0400 00000003")).toThrow();
    expect(() => withInline("7100 0800 00000003 01000000")).toThrow();
    expect(() => withInline("7100 0300 000000 01000000")).toThrow();
  });
});

describe("messages (8.3.4)", () => {
  const header = `52545053 0202 010f ${PREFIX}`;
  const collect = (text: string) => {
    const found: Submessage[] = [];
    decodeSubmessages(hex(text), (submessage) => found.push(submessage));
    return found;
  };
  const little = `07 07 1c00 ${vectors[0]?.little}`;
  const big = `07 06 001c ${vectors[0]?.big}`;

  test("header", () => {
    expect(decodeMessageHeader(hex(header))).toEqual({ vendor: 0x010f, prefix });
    const out = new CdrWriter();
    encodeMessageHeader(out, hex(PREFIX));
    expect(toHex(out.bytes)).toBe(header.replace(/ /g, "").replace("010f", "01ee"));
    for (let length = 0; length < 20; length++) {
      expect(() => decodeMessageHeader(hex(header).subarray(0, length))).toThrow();
    }
    expect(() => decodeMessageHeader(hex(header.replace("0202", "0302")))).toThrow(/version 3/);
    expect(() => decodeMessageHeader(hex(header.replace("5254", "5255")))).toThrow(/RTPS/);
  });

  test("submessages of both byte orders in one message; unknown ones are skipped by their length", () => {
    const unknown = "80 01 0400 deadbeef";
    const pad = "01 01 0000";
    expect(collect(`${header} ${little} ${unknown} ${pad} ${big}`)).toEqual([heartbeat, heartbeat]);
  });

  test("a length of 0 reaches to the end of the message, except for PAD and INFO_TS", () => {
    const last = little.replace("1c00", "0000");
    const invalidate = "09 03 0000";
    expect(collect(`${header} ${invalidate} ${last}`)).toEqual([{ kind: "infoTimestamp" }, heartbeat]);
  });

  test("a submessage that is longer than the message is refused, what came before stands", () => {
    const found: Submessage[] = [];
    const message = hex(`${header} ${little} ${little.replace("1c00", "2000")}`);
    expect(() => decodeSubmessages(message, (submessage) => found.push(submessage))).toThrow(/28 left/);
    expect(found).toEqual([heartbeat]);
  });
});
