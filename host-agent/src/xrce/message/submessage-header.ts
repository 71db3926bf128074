import { DecodeError } from "../../errors.js";
import { FLAG_LITTLE_ENDIAN, SubmessageId } from "./protocol.js";

/** One submessage as it stands in a message, its body not yet decoded (DDS-XRCE 1.0, 8.3.3). */
export interface RawSubmessage {
  readonly id: number;
  readonly flags: number;
  /** Borrowed from the message. */
  readonly body: Uint8Array;
  /** Where the submessage header starts, counted from the start of the message. */
  readonly offset: number;
}

export const SUBMESSAGE_HEADER_OCTETS = 4;
const CLAUSE = "DDS-XRCE 1.0, 8.3.3";

export const isLittleEndian = (flags: number): boolean => (flags & FLAG_LITTLE_ENDIAN) !== 0;

/**
 * Cuts a message into submessages. Each starts at a multiple of 4; up to 3 octets of padding may follow the last.
 * @param from length of the message header
 * @throws XRCE_SUBMESSAGE_LENGTH if a length points beyond the message
 */
export function splitSubmessages(message: Uint8Array, from: number): RawSubmessage[] {
  const submessages: RawSubmessage[] = [];
  let offset = from;
  while (message.byteLength - offset >= SUBMESSAGE_HEADER_OCTETS) {
    const raw = readSubmessage(message, offset, false);
    submessages.push(raw);
    offset += SUBMESSAGE_HEADER_OCTETS + raw.body.byteLength;
    offset += -offset & 3;
  }
  return submessages;
}

/**
 * The submessage that a row of fragments was cut from. A WRITE_DATA longer than the 16-bit length says 0 and goes
 * on to the end: neither peer of the Micro XRCE-DDS family has another way to say it.
 * @throws XRCE_SUBMESSAGE_LENGTH
 */
export function readReassembled(octets: Uint8Array): RawSubmessage {
  return readSubmessage(octets, 0, true);
}

function readSubmessage(message: Uint8Array, offset: number, zeroMeansRest: boolean): RawSubmessage {
  const left = message.byteLength - offset - SUBMESSAGE_HEADER_OCTETS;
  if (left < 0) {
    throw new DecodeError("XRCE_SUBMESSAGE_LENGTH", "no room for a submessage header", offset, CLAUSE);
  }
  const id = message[offset] as number;
  const flags = message[offset + 1] as number;
  let length = (message[offset + 2] as number) | ((message[offset + 3] as number) << 8);
  const data = id === SubmessageId.WRITE_DATA || id === SubmessageId.DATA;
  if (zeroMeansRest && length === 0 && data) length = left;
  if (length > left) {
    const text = `submessage 0x${id.toString(16)} announces ${length} octets, ${left} are left`;
    throw new DecodeError("XRCE_SUBMESSAGE_LENGTH", text, offset, CLAUSE);
  }
  const start = offset + SUBMESSAGE_HEADER_OCTETS;
  return { id, flags, body: message.subarray(start, start + length), offset };
}

/** Writes a submessage header at `at`. A `length` over 65,535 is written as 0: see {@link readReassembled}. */
export function encodeSubmessageHeader(
  target: Uint8Array,
  at: number,
  id: number,
  flags: number,
  length: number,
): void {
  const announced = length > 0xffff ? 0 : length;
  target[at] = id;
  target[at + 1] = flags;
  target[at + 2] = announced & 0xff;
  target[at + 3] = announced >>> 8;
}
