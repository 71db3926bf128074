import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { type ObjectRequest, readObjectRequest, writeObjectRequest } from "./base.js";

/** DELETE (DDS-XRCE 1.0, 8.3.5.4). */
export interface Delete extends ObjectRequest {
  readonly kind: "delete";
}

export const decodeDelete = (reader: CdrReader): Delete => ({ kind: "delete", ...readObjectRequest(reader) });

export const encodeDelete = (writer: CdrWriter, value: Delete): void => writeObjectRequest(writer, value);
