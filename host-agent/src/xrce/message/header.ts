import { DecodeError } from "../../errors.js";
import { SESSION_WITHOUT_KEY } from "./protocol.js";

/** Message header (DDS-XRCE 1.0, 8.3.2). `clientKey` is on the wire only if `sessionId` is below 0x80. */
export interface MessageHeader {
  readonly sessionId: number;
  readonly streamId: number;
  /** 16 bits; always little-endian; 0 on stream 0. */
  readonly sequenceNumber: number;
  readonly clientKey?: number;
}

const CLAUSE = "DDS-XRCE 1.0, 8.3.2";

/** 4 or 8 octets. */
export const headerOctets = (sessionId: number): number => (sessionId < SESSION_WITHOUT_KEY ? 8 : 4);

/** @throws XRCE_HEADER if the message is shorter than its header */
export function decodeHeader(message: Uint8Array): MessageHeader {
  const sessionId = message[0];
  if (sessionId === undefined || message.byteLength < headerOctets(sessionId)) {
    throw new DecodeError("XRCE_HEADER", `${message.byteLength} octets are no message header`, 0, CLAUSE);
  }
  const at = (offset: number) => message[offset] as number;
  const header = { sessionId, streamId: at(1), sequenceNumber: at(2) | (at(3) << 8) };
  if (sessionId >= SESSION_WITHOUT_KEY) return header;
  return { ...header, clientKey: ((at(4) << 24) | (at(5) << 16) | (at(6) << 8) | at(7)) >>> 0 };
}

/** Writes the header at the start of `target` and returns its length. `clientKey` is used below session 0x80 only. */
export function encodeHeader(
  target: Uint8Array,
  sessionId: number,
  streamId: number,
  sequenceNumber: number,
  clientKey: number,
): number {
  target[0] = sessionId;
  target[1] = streamId;
  target[2] = sequenceNumber & 0xff;
  target[3] = sequenceNumber >>> 8;
  if (sessionId >= SESSION_WITHOUT_KEY) return 4;
  target[4] = clientKey >>> 24;
  target[5] = clientKey >>> 16;
  target[6] = clientKey >>> 8;
  target[7] = clientKey;
  return 8;
}
