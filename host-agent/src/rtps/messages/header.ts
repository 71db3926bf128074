import { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { GUID_PREFIX_OCTETS, type GuidPrefix, prefixFromBytes } from "../structure/guid.js";
import { PROTOCOL_MAJOR, PROTOCOL_MINOR, VENDOR_ROSEHIP, type VendorId } from "../structure/vendor-id.js";

/** RTPS message header (DDSI-RTPS 2.5, 9.4.4): "RTPS", version, vendor, GUID prefix of the sender. */
export interface MessageHeader {
  readonly vendor: VendorId;
  readonly prefix: GuidPrefix;
}

export const MESSAGE_HEADER_OCTETS = 20;
const MAGIC = 0x52545053;

/** @throws RTPS_HEADER if the magic is missing or the major version is newer than ours (8.3.6.1) */
export function decodeMessageHeader(datagram: Uint8Array): MessageHeader {
  const reader = new CdrReader(datagram, false);
  if (reader.u32() !== MAGIC) throw new DecodeError("RTPS_HEADER", "does not begin with RTPS", 0, "9.4.4");
  const major = reader.u8();
  reader.skip(1);
  if (major !== PROTOCOL_MAJOR) {
    throw new DecodeError("RTPS_HEADER", `protocol version ${major}, only 2 is known`, 4, "8.3.6.1");
  }
  const vendor = reader.u16();
  return { vendor, prefix: prefixFromBytes(reader.borrow(GUID_PREFIX_OCTETS)) };
}

/** @param prefix the sender's 12 octets */
export function encodeMessageHeader(out: CdrWriter, prefix: Uint8Array): void {
  out.u8(0x52);
  out.u8(0x54);
  out.u8(0x50);
  out.u8(0x53);
  out.u8(PROTOCOL_MAJOR);
  out.u8(PROTOCOL_MINOR);
  out.u8(VENDOR_ROSEHIP >> 8);
  out.u8(VENDOR_ROSEHIP & 0xff);
  out.raw(prefix);
}
