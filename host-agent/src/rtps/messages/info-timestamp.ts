import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** INFO_TS (DDSI-RTPS 2.5, 8.3.8.11 and 9.4.5.12): source timestamp of the DATA that follow. */
export interface InfoTimestamp {
  readonly kind: "infoTimestamp";
  /** Milliseconds since 1970; absent takes a former timestamp back. */
  readonly epochMs?: number;
}

const FLAG_INVALIDATE = 0x02;
const TWO_32 = 2 ** 32;

export function decodeInfoTimestamp(body: CdrReader, flags: number): InfoTimestamp {
  if (flags & FLAG_INVALIDATE) return { kind: "infoTimestamp" };
  const seconds = body.u32();
  return { kind: "infoTimestamp", epochMs: seconds * 1000 + (body.u32() / TWO_32) * 1000 };
}

export function encodeInfoTimestamp(out: CdrWriter, epochMs: number): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.infoTimestamp);
  const seconds = Math.floor(epochMs / 1000);
  out.u32(seconds);
  out.u32(Math.floor(((epochMs - seconds * 1000) / 1000) * TWO_32));
  endSubmessage(out, at);
}
