import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import {
  type ObjectRequest,
  type ResultStatus,
  readObjectRequest,
  readResult,
  writeObjectRequest,
  writeResult,
} from "./base.js";

/** STATUS (DDS-XRCE 1.0, 8.3.5.6): the result of one request. */
export interface StatusReply extends ObjectRequest, ResultStatus {
  readonly kind: "status";
}

export const decodeStatus = (reader: CdrReader): StatusReply => ({
  kind: "status",
  ...readObjectRequest(reader),
  ...readResult(reader),
});

export function encodeStatus(writer: CdrWriter, value: StatusReply): void {
  writeObjectRequest(writer, value);
  writeResult(writer, value);
}
