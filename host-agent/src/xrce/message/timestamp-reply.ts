import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { readTime, type Time, writeTime } from "./timestamp.js";

/** TIMESTAMP_REPLY (DDS-XRCE 1.0, 8.3.5.16): as in NTP; `originate` repeats the client's time. */
export interface TimestampReply {
  readonly kind: "timestamp_reply";
  readonly transmit: Time;
  readonly receive: Time;
  readonly originate: Time;
}

export const decodeTimestampReply = (reader: CdrReader): TimestampReply => ({
  kind: "timestamp_reply",
  transmit: readTime(reader),
  receive: readTime(reader),
  originate: readTime(reader),
});

export function encodeTimestampReply(writer: CdrWriter, value: TimestampReply): void {
  writeTime(writer, value.transmit);
  writeTime(writer, value.receive);
  writeTime(writer, value.originate);
}
