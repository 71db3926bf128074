import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { type ObjectRequest, readObjectRequest, writeObjectRequest } from "./base.js";

/** Bits of the mask (DDS-XRCE 1.0, 7.7.15 `InfoMask`). */
export const INFO_CONFIGURATION = 0x01;
export const INFO_ACTIVITY = 0x02;

/** GET_INFO (8.3.5.3). Agents send it too, to see whether a client lives. */
export interface GetInfo extends ObjectRequest {
  readonly kind: "get_info";
  readonly mask: number;
}

export const decodeGetInfo = (reader: CdrReader): GetInfo => ({
  kind: "get_info",
  ...readObjectRequest(reader),
  mask: reader.u32(),
});

export function encodeGetInfo(writer: CdrWriter, value: GetInfo): void {
  writeObjectRequest(writer, value);
  writer.u32(value.mask);
}
