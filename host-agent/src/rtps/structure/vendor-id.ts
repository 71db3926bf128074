import type { GuidPrefix } from "./guid.js";

/** VendorId_t (DDSI-RTPS 2.5, 9.3.2.2) as a big-endian number. */
export type VendorId = number;

/** Not assigned by the OMG to anyone. The first two octets of our GUID prefixes, as 9.3.1.5 asks. */
export const VENDOR_ROSEHIP: VendorId = 0x01ee;
export const VENDOR_EPROSIMA: VendorId = 0x010f;

/** Protocol version we announce. 2.2 is what Fast DDS announces too; nothing we send is newer. */
export const PROTOCOL_MAJOR = 2;
export const PROTOCOL_MINOR = 2;

/** The vendor that made a participant, from the first two octets of its GUID prefix (9.3.1.5). */
export function vendorOf(prefix: GuidPrefix): VendorId {
  return (prefix.charCodeAt(0) << 8) | prefix.charCodeAt(1);
}
