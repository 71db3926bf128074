import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";

/**
 * SequenceNumber_t (DDSI-RTPS 2.5, 9.3.2.3): i32 high, u32 low. Kept as a plain number, because at a million
 * samples a second the 53 bits that are exact last 285 years; a larger one on the wire is refused.
 */
export type SequenceNumber = number;

const TWO_32 = 2 ** 32;
const HIGH_LIMIT = 2 ** 21;

/** @throws RTPS_SEQUENCE_NUMBER if negative or over 2^53 */
export function readSequenceNumber(reader: CdrReader): SequenceNumber {
  const high = reader.i32();
  const low = reader.u32();
  if (high < 0 || high >= HIGH_LIMIT) {
    throw new DecodeError(
      "RTPS_SEQUENCE_NUMBER",
      `sequence number with high word ${high} is outside 0 .. 2^53`,
      reader.offset - 8,
      "DDSI-RTPS 2.5, 9.3.2.3",
    );
  }
  return high * TWO_32 + low;
}

export function writeSequenceNumber(writer: CdrWriter, value: SequenceNumber): void {
  writer.i32(Math.floor(value / TWO_32));
  writer.u32(value % TWO_32);
}

/** SEQUENCE_NUMBER_UNKNOWN is {high -1, low 0}; {@link SampleIdentity} spells it -1n. */
export function readSequenceNumberOrUnknown(reader: CdrReader): bigint {
  const high = reader.i32();
  const low = reader.u32();
  return high < 0 ? -1n : BigInt(high) * BigInt(TWO_32) + BigInt(low);
}

export function writeSequenceNumberOrUnknown(writer: CdrWriter, value: bigint): void {
  writer.i32(value < 0n ? -1 : Number(value >> 32n));
  writer.u32(value < 0n ? 0 : Number(value & 0xffffffffn));
}
