import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { type ObjectRequest, readObjectRequest, writeObjectRequest } from "./base.js";
import { MASK_DATA_FORMAT } from "./protocol.js";

/** DATA (DDS-XRCE 1.0, 8.3.5.10): `requestId` is that of the READ_DATA it answers. */
export interface Data extends ObjectRequest {
  readonly kind: "data";
  readonly format: number;
  /** Borrowed. */
  readonly payload: Uint8Array;
  readonly littleEndian: boolean;
}

export const decodeData = (reader: CdrReader, flags: number): Data => ({
  kind: "data",
  ...readObjectRequest(reader),
  format: flags & MASK_DATA_FORMAT,
  payload: reader.rest(),
  littleEndian: reader.littleEndian,
});

export function encodeData(writer: CdrWriter, value: Data): void {
  writeObjectRequest(writer, value);
  writer.raw(value.payload);
}
