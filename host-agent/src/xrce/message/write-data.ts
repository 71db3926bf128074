import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { type ObjectRequest, readObjectRequest, writeObjectRequest } from "./base.js";
import { MASK_DATA_FORMAT } from "./protocol.js";

/** WRITE_DATA (DDS-XRCE 1.0, 8.3.5.8). */
export interface WriteData extends ObjectRequest {
  readonly kind: "write_data";
  /** DataFormat (7.7.16): 0 is FORMAT_DATA, one sample. */
  readonly format: number;
  /** CDR without encapsulation header, in the endianness of the submessage. Borrowed. */
  readonly payload: Uint8Array;
  readonly littleEndian: boolean;
}

export const decodeWriteData = (reader: CdrReader, flags: number): WriteData => ({
  kind: "write_data",
  ...readObjectRequest(reader),
  format: flags & MASK_DATA_FORMAT,
  payload: reader.rest(),
  littleEndian: reader.littleEndian,
});

export function encodeWriteData(writer: CdrWriter, value: WriteData): void {
  writeObjectRequest(writer, value);
  writer.raw(value.payload);
}
