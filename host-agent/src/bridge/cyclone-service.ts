import type { RequestIdentity } from "../xrce/object/data-space.js";
import type { Sample, SampleIdentity } from "./network.js";

/**
 * Services as rmw_cyclonedds has them: no related_sample_identity, but 16 octets before each request and reply inside the CDR
 * body, the client's id (u64) and the request's number (i64), which a server sends back. Who speaks so is known by its GUID,
 * which begins with Cyclone's vendor id (DDSI-RTPS 2.5, 9.3.1.5), so that neither kind is ever read as the other.
 *
 * Devices know requests by a SampleIdentity only, so the header of a request to them travels in one, the request's number as
 * sequence number and as GUID:
 *
 *     octets 0 to 7    the client's id
 *            8 to 11   the client's participant, folded ({@link fold})
 *            12 to 15  a mark that is no entity id: its kind, the last octet, is none that DDSI-RTPS has (2.5, 9.3.1.2)
 *
 * Nothing is kept for it here.
 */
const HEADER_OCTETS = 16;
const FOLDED_AT = 8;
const MARK_AT = 12;
const MARK = Buffer.from("CYC\xff", "latin1");
const VENDOR = 0x0110;

/** @param guid of a participant or one of its endpoints, at least its first two octets */
export const isCyclone = (guid: Uint8Array): boolean => (((guid[0] ?? 0) << 8) | (guid[1] ?? 0)) === VENDOR;

/** The octets before a request or reply of rmw_cyclonedds. */
export interface CycloneHeader {
  /** As it would be in a little-endian body. */
  readonly client: Uint8Array;
  readonly number: bigint;
  /** GUID of the sample's writer. */
  readonly writer: Uint8Array;
  /** What follows the header; borrowed. */
  readonly payload: Uint8Array;
}

/** @returns undefined if the sample is none of rmw_cyclonedds */
export function readCycloneHeader({ payload, writer, littleEndian }: Sample): CycloneHeader | undefined {
  if (!isCyclone(writer.guid) || payload.byteLength < HEADER_OCTETS) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const client = new Uint8Array(8);
  new DataView(client.buffer).setBigUint64(0, view.getBigUint64(0, littleEndian), true);
  return {
    client,
    number: view.getBigInt64(8, littleEndian),
    writer: writer.guid,
    payload: payload.subarray(HEADER_OCTETS),
  };
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
export function cycloneIdentity({ client, number, writer }: CycloneHeader): RequestIdentity {
  const guid = new Uint8Array(16);
  guid.set(client);
  guid.set(fold(writer), FOLDED_AT);
  guid.set(MARK, MARK_AT);
  return { guid, sequenceNumber: number };
}

export const isCycloneIdentity = ({ guid }: SampleIdentity): boolean =>
  Buffer.compare(guid.subarray(MARK_AT), MARK) === 0;

/** Whether a reader is of the participant that a request came from (or of one that folds to the same). */
export const isFromCyclone = ({ guid }: SampleIdentity, reader: Uint8Array): boolean =>
  isCyclone(reader) && Buffer.compare(fold(reader), guid.subarray(FOLDED_AT, MARK_AT)) === 0;

/** The 12 octets that the GUIDs of a participant begin with, in 4. */
const fold = (guid: Uint8Array): Uint8Array =>
  Uint8Array.from(
    { length: 4 },
    (_, i) => (guid[i] as number) ^ (guid[i + 4] as number) ^ (guid[i + 8] as number),
  );

/** An id for a client with this request writer, as good as the writer's GUID: 8 octets unlike any other client's. */
export function cycloneClientId(writer: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, i) => (writer[i] as number) ^ (writer[i + 8] as number));
}
