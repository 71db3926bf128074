import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/** HEARTBEAT (DDS-XRCE 1.0, 8.3.5.12): the sender still has these messages. */
export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly firstUnacked: number;
  /** `firstUnacked - 1` if there are none. */
  readonly last: number;
  readonly streamId: number;
}

export const decodeHeartbeat = (reader: CdrReader): Heartbeat => ({
  kind: "heartbeat",
  firstUnacked: reader.u16(),
  last: reader.u16(),
  streamId: reader.u8(),
});

export function encodeHeartbeat(writer: CdrWriter, value: Heartbeat): void {
  writer.u16(value.firstUnacked);
  writer.u16(value.last);
  writer.u8(value.streamId);
}
