import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/** ACKNACK (DDS-XRCE 1.0, 8.3.5.11). */
export interface Acknack {
  readonly kind: "acknack";
  /** All messages before this one have arrived. */
  readonly firstUnacked: number;
  /** Bit i set: message `firstUnacked + i` is missing. On the wire two octets, most significant first. */
  readonly missing: number;
  readonly streamId: number;
}

export const decodeAcknack = (reader: CdrReader): Acknack => ({
  kind: "acknack",
  firstUnacked: reader.u16(),
  missing: (reader.u8() << 8) | reader.u8(),
  streamId: reader.u8(),
});

export function encodeAcknack(writer: CdrWriter, value: Acknack): void {
  writer.u16(value.firstUnacked);
  writer.u8(value.missing >>> 8);
  writer.u8(value.missing);
  writer.u8(value.streamId);
}
