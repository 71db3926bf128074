import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { GUID_PREFIX_OCTETS, type GuidPrefix, prefixFromBytes } from "../structure/guid.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** INFO_DST (DDSI-RTPS 2.5, 8.3.8.8 and 9.4.5.9): which participant the following is for; zeros mean any. */
export interface InfoDestination {
  readonly kind: "infoDestination";
  readonly prefix: GuidPrefix;
}

export function decodeInfoDestination(body: CdrReader): InfoDestination {
  return { kind: "infoDestination", prefix: prefixFromBytes(body.borrow(GUID_PREFIX_OCTETS)) };
}

/** @param prefix 12 octets */
export function encodeInfoDestination(out: CdrWriter, prefix: Uint8Array): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.infoDestination);
  out.raw(prefix);
  endSubmessage(out, at);
}
