import type { RequestIdentity } from "../xrce/object/data-space.js";
import type { Sample, SampleIdentity } from "./network.js";

/**
 * Services as rmw_cyclonedds has them: no related_sample_identity, but 16 octets before each request and reply inside the CDR
 * body, the client's id (u64) and the request's number (i64), which a server sends back. Who speaks so is known by its GUID,
 * which begins with Cyclone's vendor id (DDSI-RTPS 2.5, 9.3.1.5), so that neither kind is ever read as the other.
 *
 * Devices know requests by a SampleIdentity only, so the header of a request to them travels in one: the client's id and a
 * mark as GUID, the request's number as sequence number. Nothing is kept for it here.
 */
const HEADER_OCTETS = 16;
const MARK = Buffer.from("CYCLONE\0", "latin1");
const VENDOR = 0x0110;

/** @param guid of a participant or one of its endpoints, at least its first two octets */
export const isCyclone = (guid: Uint8Array): boolean => (((guid[0] ?? 0) << 8) | (guid[1] ?? 0)) === VENDOR;

/** The octets before a request or reply of rmw_cyclonedds. */
export interface CycloneHeader {
  /** As it would be in a little-endian body. */
  readonly client: Uint8Array;
  readonly number: bigint;
  /** What follows the header; borrowed. */
  readonly payload: Uint8Array;
}

/** @returns undefined if the sample is none of rmw_cyclonedds */
export function readCycloneHeader({ payload, writer, littleEndian }: Sample): CycloneHeader | undefined {
  if (!isCyclone(writer.guid) || payload.byteLength < HEADER_OCTETS) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const client = new Uint8Array(8);
  new DataView(client.buffer).setBigUint64(0, view.getBigUint64(0, littleEndian), true);
  return { client, number: view.getBigInt64(8, littleEndian), payload: payload.subarray(HEADER_OCTETS) };
}

/** A request or reply with its header, little-endian. */
export function withCycloneHeader(client: Uint8Array, number: bigint, payload: Uint8Array): Uint8Array {
  const sample = new Uint8Array(HEADER_OCTETS + payload.byteLength);
  sample.set(client);
  new DataView(sample.buffer).setBigInt64(8, number, true);
  sample.set(payload, HEADER_OCTETS);
  return sample;
}

/** What a device knows a request by. */
export function cycloneIdentity({ client, number }: CycloneHeader): RequestIdentity {
  const guid = new Uint8Array(16);
  guid.set(client);
  guid.set(MARK, 8);
  return { guid, sequenceNumber: number };
}

export const isCycloneIdentity = (identity: SampleIdentity): boolean =>
  Buffer.compare(identity.guid.subarray(8), MARK) === 0;

/** An id for a client with this request writer, as good as the writer's GUID: 8 octets unlike any other client's. */
export function cycloneClientId(writer: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, i) => (writer[i] as number) ^ (writer[i + 8] as number));
}
