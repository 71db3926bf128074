import { RosehipError } from "../../errors.js";
import type { RequestIdentity } from "./data-space.js";

/**
 * SampleIdentity as repliers see it before each request and give it back before each reply: GUID prefix (12 octets),
 * entity id (4), sequence number as high i32 and low u32, in the endianness of the submessage.
 */
export const SAMPLE_IDENTITY_OCTETS = 24;

export function encodeSampleIdentity(identity: RequestIdentity, littleEndian: boolean): Uint8Array {
  const octets = new Uint8Array(SAMPLE_IDENTITY_OCTETS);
  octets.set(identity.guid);
  const view = new DataView(octets.buffer);
  view.setInt32(16, Number(identity.sequenceNumber >> 32n), littleEndian);
  view.setUint32(20, Number(identity.sequenceNumber & 0xffffffffn), littleEndian);
  return octets;
}

/** @throws RosehipError XRCE_REPLY_IDENTITY if `octets` are shorter than an identity */
export function decodeSampleIdentity(octets: Uint8Array): RequestIdentity {
  if (octets.byteLength < SAMPLE_IDENTITY_OCTETS) {
    throw new RosehipError(
      "XRCE_REPLY_IDENTITY",
      "a reply starts with the 24 octets of its request's identity",
      {
        remedy: "Send the SampleIdentity that came with the request back before the reply.",
      },
    );
  }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const high = BigInt(view.getInt32(16, true));
  return {
    guid: new Uint8Array(octets.subarray(0, 16)),
    sequenceNumber: (high << 32n) | BigInt(view.getUint32(20, true)),
  };
}
