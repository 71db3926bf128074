import type { CdrReader } from "../../cdr/reader.js";
import { GUID_PREFIX_OCTETS, type GuidPrefix, prefixFromBytes } from "../structure/guid.js";
import type { VendorId } from "../structure/vendor-id.js";

/**
 * INFO_SRC (DDSI-RTPS 2.5, 8.3.8.9 and 9.4.5.10): the following comes from another participant, as a relay
 * would say. Never sent here.
 */
export interface InfoSource {
  readonly kind: "infoSource";
  readonly vendor: VendorId;
  readonly prefix: GuidPrefix;
}

export function decodeInfoSource(body: CdrReader): InfoSource {
  body.skip(4 + 2);
  const vendor = (body.u8() << 8) | body.u8();
  return { kind: "infoSource", vendor, prefix: prefixFromBytes(body.borrow(GUID_PREFIX_OCTETS)) };
}
