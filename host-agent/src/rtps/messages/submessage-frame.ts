import type { CdrWriter } from "../../cdr/writer.js";
import { FLAG_LITTLE_ENDIAN, SUBMESSAGE_HEADER_OCTETS } from "./submessage-id.js";

/**
 * Writes a submessage header (DDSI-RTPS 2.5, 9.4.5.1) with its length still 0. Everything we send is
 * little-endian, and every submessage starts at a multiple of 4 from the start of the message (9.4.1).
 * @returns where the header stands, for {@link endSubmessage}
 */
export function beginSubmessage(out: CdrWriter, id: number, flags = 0): number {
  const at = out.offset;
  out.u8(id);
  out.u8(flags | FLAG_LITTLE_ENDIAN);
  out.u16(0);
  return at;
}

/** @param outside octets of the body that will follow `out` in the datagram without being written to it */
export function endSubmessage(out: CdrWriter, at: number, outside = 0): void {
  out.align(4);
  out.patchU16(at + 2, out.offset - at - SUBMESSAGE_HEADER_OCTETS + outside);
}
