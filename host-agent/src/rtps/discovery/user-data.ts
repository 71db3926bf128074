import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { MAX_USER_DATA_OCTETS } from "../limits.js";

/**
 * USER_DATA as rmw implementations use it: `key=value;` pairs in ASCII, e.g. `enclave=/;` of a participant and
 * `typehash=RIHS01_…;` of an endpoint (rmw_dds_common, REP-2016).
 */
export function readUserData(value: CdrReader): ReadonlyMap<string, string> {
  const octets = value.borrow(value.length(1, MAX_USER_DATA_OCTETS));
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
  const pairs = new Map<string, string>();
  for (const pair of text.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0) pairs.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return pairs;
}

/** @param text sent as it is: rmw ends an enclave with a NUL and a type hash without */
export function writeUserData(value: CdrWriter, text: string): void {
  value.u32(text.length);
  value.raw(Buffer.from(text, "latin1"));
}
