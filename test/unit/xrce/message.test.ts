import { describe, expect, test } from "vitest";
import { DecodeError } from "../../../host-agent/src/errors.js";
import { decodeMessage, encodeMessage } from "../../../host-agent/src/xrce/message/message.js";
import {
  decodeSubmessage,
  encodeSubmessage,
  type Submessage,
} from "../../../host-agent/src/xrce/message/submessage.js";
import { readReassembled, splitSubmessages } from "../../../host-agent/src/xrce/message/submessage-header.js";
import { readCapture } from "./support/capture.js";

const bytes = (text: string): Uint8Array => Buffer.from(text.replace(/[^0-9a-f]/gi, ""), "hex");
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/**
 * One submessage each, written by hand out of Annex A of DDS-XRCE 1.0 or taken from the captures in test/vectors/xrce
 * (those marked with the frame's number), as little- and big-endian. The header's length is little-endian in both.
 */
const VECTORS: readonly (readonly [
  name: string,
  little: string,
  big: string | undefined,
  value: Submessage,
])[] = [
  [
    "CREATE_CLIENT (session_serial 2)",
    "00 01 1000  58524345 0100 010f 11223344 81 00 fc01",
    "00 00 1000  58524345 0100 010f 11223344 81 00 01fc",
    {
      kind: "create_client",
      cookie: 0x58524345,
      versionMajor: 1,
      versionMinor: 0,
      vendor: 0x010f,
      clientKey: 0x11223344,
      sessionId: 0x81,
      mtu: 508,
    },
  ],
  [
    "CREATE_CLIENT with the property uxr_hl",
    "00 01 2e00  58524345 0100 010f 11223344 81 01 0000 01000000 07000000 7578725f686c00 00 07000000 30303130303000 00 fc01",
    undefined,
    {
      kind: "create_client",
      cookie: 0x58524345,
      versionMajor: 1,
      versionMinor: 0,
      vendor: 0x010f,
      clientKey: 0x11223344,
      sessionId: 0x81,
      properties: [{ name: "uxr_hl", value: "001000" }],
      mtu: 508,
    },
  ],
  [
    "CREATE by reference, participant in domain 5",
    "01 05 1000  000a 0011 01 01 0000 02000000 6100 0500",
    "01 04 1000  000a 0011 01 01 0000 00000002 6100 0005",
    {
      kind: "create",
      requestId: 10,
      objectId: 0x11,
      objectKind: 1,
      reuse: false,
      replace: true,
      representation: { format: "reference", reference: "a" },
      domainId: 5,
    },
  ],
  [
    "CREATE by XML, publisher (session_serial 16)",
    "01 05 0f00  000c 0013 03 02 0000 01000000 00 0011",
    "01 04 0f00  000c 0013 03 02 0000 00000001 00 0011",
    {
      kind: "create",
      requestId: 12,
      objectId: 0x13,
      objectKind: 3,
      reuse: false,
      replace: true,
      representation: { format: "xml", xml: "" },
      parentId: 0x11,
    },
  ],
  [
    "CREATE in binary, publisher, reuse (session_serial 48 with another mode)",
    "01 03 1000  0014 0023 03 03 0000 02000000 0000 0021",
    undefined,
    {
      kind: "create",
      requestId: 20,
      objectId: 0x23,
      objectKind: 3,
      reuse: true,
      replace: false,
      representation: { format: "binary", octets: bytes("0000") },
      parentId: 0x21,
    },
  ],
  [
    "GET_INFO (session_serial 0)",
    "02 01 0800  000a fffd 02000000",
    "02 00 0800  000a fffd 00000002",
    { kind: "get_info", requestId: 10, objectId: 0xfffd, mask: 2 },
  ],
  [
    "DELETE (session_serial 169)",
    "03 01 0400  0002 fffe",
    "03 00 0400  0002 fffe",
    { kind: "delete", requestId: 2, objectId: 0xfffe },
  ],
  [
    "STATUS_AGENT (session_serial 3)",
    "04 01 0b00  00 00 58524345 0100 010f 00",
    "04 00 0b00  00 00 58524345 0100 010f 00",
    {
      kind: "status_agent",
      status: 0,
      implementationStatus: 0,
      cookie: 0x58524345,
      versionMajor: 1,
      versionMinor: 0,
      vendor: 0x010f,
    },
  ],
  [
    "STATUS (session_serial 9)",
    "05 01 0600  000a 0011 00 00",
    "05 00 0600  000a 0011 00 00",
    { kind: "status", requestId: 10, objectId: 0x11, status: 0, implementationStatus: 0 },
  ],
  [
    "INFO (session_serial 5)",
    "06 01 1c00  000a fffd 00 01 01 0d 58524345 0100 010f 00 01 0d 00 0100 0000 00000000",
    "06 00 1c00  000a fffd 00 01 01 0d 58524345 0100 010f 00 01 0d 00 0001 0000 00000000",
    {
      kind: "info",
      requestId: 10,
      objectId: 0xfffd,
      status: 0,
      implementationStatus: 1,
      configuration: { cookie: 0x58524345, versionMajor: 1, versionMinor: 0, vendor: 0x010f },
      activity: { availability: 1, addresses: 0 },
    },
  ],
  [
    "WRITE_DATA (session_serial 149)",
    "07 01 0c00  002f 0027 2800000002000000",
    undefined,
    {
      kind: "write_data",
      requestId: 47,
      objectId: 0x27,
      format: 0,
      payload: bytes("2800000002000000"),
      littleEndian: true,
    },
  ],
  [
    "READ_DATA (session_serial 120)",
    "08 01 1000  0026 0026 80 00 00 01 ffff 0000 0000 0000",
    "08 00 1000  0026 0026 80 00 00 01 ffff 0000 0000 0000",
    {
      kind: "read_data",
      requestId: 38,
      objectId: 0x26,
      preferredStream: 0x80,
      format: 0,
      delivery: { maxSamples: 0xffff, maxElapsedSeconds: 0, maxBytesPerSecond: 0, minPaceMs: 0 },
    },
  ],
  [
    "READ_DATA with every delivery control and a filter",
    "08 01 1800  0001 0026 01 00 01 00 02000000 7800 01 00 0100 0200 0300 0400",
    "08 00 1800  0001 0026 01 00 01 00 00000002 7800 01 00 0001 0002 0003 0004",
    {
      kind: "read_data",
      requestId: 1,
      objectId: 0x26,
      preferredStream: 1,
      format: 0,
      contentFilter: "x",
      delivery: { maxSamples: 1, maxElapsedSeconds: 2, maxBytesPerSecond: 3, minPaceMs: 4 },
    },
  ],
  [
    "DATA (session_serial 146)",
    "09 01 0800  002b 0026 7e7d0203",
    undefined,
    {
      kind: "data",
      requestId: 43,
      objectId: 0x26,
      format: 0,
      payload: bytes("7e7d0203"),
      littleEndian: true,
    },
  ],
  [
    "ACKNACK: bit 0 in the second octet, bit 8 in the first",
    "0a 01 0500  0400 01 01 80",
    "0a 00 0500  0004 01 01 80",
    { kind: "acknack", firstUnacked: 4, missing: 0x101, streamId: 0x80 },
  ],
  [
    "HEARTBEAT (loss_serial 25)",
    "0b 01 0500  0400 0400 80",
    "0b 00 0500  0004 0004 80",
    { kind: "heartbeat", firstUnacked: 4, last: 4, streamId: 0x80 },
  ],
  ["RESET", "0c 01 0000", "0c 00 0000", { kind: "reset" }],
  [
    "FRAGMENT, the last",
    "0d 03 0300  010203",
    undefined,
    { kind: "fragment", last: true, piece: bytes("010203") },
  ],
  [
    "TIMESTAMP (session_serial 6)",
    "0e 01 0800  e189036b 84a78426",
    "0e 00 0800  6b0389e1 2684a784",
    { kind: "timestamp", transmit: { seconds: 0x6b0389e1, nanoseconds: 0x2684a784 } },
  ],
  [
    "TIMESTAMP_REPLY (session_serial 7)",
    "0f 01 1800  e189036b 3c468626 e189036b fc428626 e189036b 84a78426",
    undefined,
    {
      kind: "timestamp_reply",
      transmit: { seconds: 0x6b0389e1, nanoseconds: 0x2686463c },
      receive: { seconds: 0x6b0389e1, nanoseconds: 0x268642fc },
      originate: { seconds: 0x6b0389e1, nanoseconds: 0x2684a784 },
    },
  ],
];

const decodeOne = (octets: Uint8Array): Submessage | undefined => decodeSubmessage(readReassembled(octets));
/** Octets as text, so that a Buffer equals a Uint8Array. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one: unknown) => {
      const buffer = one as { type?: string; data?: number[] } | null;
      if (buffer?.type === "Buffer") return hex(Uint8Array.from(buffer.data ?? []));
      return one instanceof Uint8Array ? hex(one) : one;
    }),
  );

describe("submessages (DDS-XRCE 1.0, 8.3.5)", () => {
  test.each(VECTORS)("%s decodes", (_name, little, big, value) => {
    expect(plain(decodeOne(bytes(little)))).toEqual(plain(value));
    if (big !== undefined) expect(plain(decodeOne(bytes(big)))).toEqual(plain(value));
  });

  test.each(VECTORS)("%s encodes", (_name, little, _big, value) => {
    expect(hex(encodeSubmessage(value))).toBe(hex(bytes(little)));
  });

  test("a big-endian DATA says so in its flags, and its length stays little-endian", () => {
    const data = {
      kind: "data",
      requestId: 1,
      objectId: 0x26,
      format: 0,
      payload: bytes("00000007"),
      littleEndian: false,
    } as const;
    expect(hex(encodeSubmessage(data))).toBe("09000800" + "00010026" + "00000007");
  });

  test.each(VECTORS)("%s cut anywhere decodes or throws DecodeError", (_name, little, big) => {
    for (const vector of [little, big ?? little].map(bytes)) {
      for (let length = 0; length < vector.byteLength; length++) {
        const cut = Uint8Array.from(vector.subarray(0, length));
        if (length >= 4) new DataView(cut.buffer).setUint16(2, length - 4, true);
        decodesOrRefuses(() => decodeOne(cut));
        decodesOrRefuses(() => decodeMessage(Buffer.concat([bytes("81800000"), vector.subarray(0, length)])));
      }
    }
  });

  test("a length that points beyond the message is refused; a later submessage id is skipped by its length", () => {
    expect(() => decodeMessage(bytes("81800000 05010700 000a00110000"))).toThrow(DecodeError);
    const message = decodeMessage(bytes("81800000 42010300 aabbcc 00 03010400 0002fffe"));
    expect(message.submessages).toEqual([{ kind: "delete", requestId: 2, objectId: 0xfffe }]);
  });

  test("each length field at its largest is refused before anything is allocated", () => {
    for (const vector of [
      "01 05 1200  000a 0011 01 01 0000 ffffffff 6100 0500",
      "01 05 1200  000a 0011 01 03 0000 ffffffff 6100 0500",
      "00 01 1c00  58524345 0100 010f 11223344 81 01 0000 ffffffff 07000000",
      "08 01 1000  0026 0026 80 00 01 00 ffffffff 00000000",
      "06 01 1c00  000a fffd 00 01 00 01 0d 00 0100 ffffffff 00000000 00000000 0000",
    ]) {
      expect(() => decodeOne(bytes(vector)), vector).toThrow(DecodeError);
    }
  });

  test("a boolean that is neither 0 nor 1 is an error with its offset", () => {
    expect(() => decodeOne(bytes("08 01 1000  0026 0026 80 00 07 01 ffff 0000 0000 0000"))).toThrow(
      /7 is neither 0 nor 1/,
    );
  });
});

describe.each(["session_serial", "session_udp", "loss_serial"])("every message of %s", (name) => {
  test("encodes back to the same octets, but for unused padding octets", () => {
    for (const { message, index } of readCapture(name)) {
      const again = encodeMessage(decodeMessage(message).header, decodeMessage(message).submessages);
      expect(plain(decodeMessage(again)), `message ${index}`).toEqual(plain(decodeMessage(message)));
      const trailing = message.byteLength - again.byteLength;
      expect(trailing >= 0 && trailing < 4, `message ${index}`).toBe(true);
      expect(lengths(again), `message ${index}`).toEqual(lengths(message));
    }
  });

  test("cut anywhere decodes or throws DecodeError", () => {
    for (const { message } of readCapture(name)) {
      for (let length = 0; length < message.byteLength; length++) {
        decodesOrRefuses(() => decodeMessage(message.subarray(0, length)));
      }
    }
  });
});

const lengths = (message: Uint8Array): unknown =>
  splitSubmessages(message, 4).map(({ id, flags, body, offset }) => [id, flags, body.byteLength, offset]);

function decodesOrRefuses(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}
