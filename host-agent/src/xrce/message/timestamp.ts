import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/** Time_t: seconds since 1970-01-01 UTC and nanoseconds. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export const readTime = (reader: CdrReader): Time => ({ seconds: reader.i32(), nanoseconds: reader.u32() });

export function writeTime(writer: CdrWriter, time: Time): void {
  writer.i32(time.seconds | 0);
  writer.u32(time.nanoseconds);
}

/** TIMESTAMP (DDS-XRCE 1.0, 8.3.5.15): the client asks for the agent's time. */
export interface Timestamp {
  readonly kind: "timestamp";
  readonly transmit: Time;
}

export const decodeTimestamp = (reader: CdrReader): Timestamp => ({
  kind: "timestamp",
  transmit: readTime(reader),
});

export const encodeTimestamp = (writer: CdrWriter, value: Timestamp): void =>
  writeTime(writer, value.transmit);
