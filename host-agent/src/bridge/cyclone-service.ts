import type { RequestIdentity } from "../xrce/object/data-space.js";
import type { Sample } from "./network.js";

/**
 * Services as rmw_cyclonedds has them: no related_sample_identity, but 16 octets before each request and reply inside the CDR
 * body, the client's id (u64) and the request's number (i64), which a server sends back.
 *
 * Devices know requests by a SampleIdentity only, so the header travels in one: the client's id and a mark as GUID, the
 * request's number as sequence number. Nothing is kept for it here.
 */
const HEADER_OCTETS = 16;
const MARK = Buffer.from("CYCLONE\0", "latin1");
/** Vendor id of Cyclone DDS, with which its GUID prefixes begin (DDSI-RTPS 2.5, 9.3.1.5). */
const VENDOR = 0x0110;

export interface CycloneRequest {
  readonly identity: RequestIdentity;
  /** The request without the header; borrowed. */
  readonly payload: Uint8Array;
}

/** @returns undefined if the sample is no request of rmw_cyclonedds */
export function readCycloneRequest(sample: Sample): CycloneRequest | undefined {
  const { payload, writer, related, littleEndian } = sample;
  const vendor = ((writer.guid[0] ?? 0) << 8) | (writer.guid[1] ?? 0);
  if (related !== undefined || vendor !== VENDOR || payload.byteLength < HEADER_OCTETS) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const guid = new Uint8Array(16);
  new DataView(guid.buffer).setBigUint64(0, view.getBigUint64(0, littleEndian), true);
  guid.set(MARK, 8);
  const sequenceNumber = view.getBigInt64(8, littleEndian);
  return { identity: { guid, sequenceNumber }, payload: payload.subarray(HEADER_OCTETS) };
}

/** @returns the reply with its header, or undefined if the request was not one of rmw_cyclonedds */
export function cycloneReply(identity: RequestIdentity, payload: Uint8Array): Uint8Array | undefined {
  if (Buffer.compare(identity.guid.subarray(8), MARK) !== 0) return undefined;
  const reply = new Uint8Array(HEADER_OCTETS + payload.byteLength);
  reply.set(identity.guid.subarray(0, 8));
  new DataView(reply.buffer).setBigInt64(8, identity.sequenceNumber, true);
  reply.set(payload, HEADER_OCTETS);
  return reply;
}
