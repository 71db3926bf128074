/** GUIDs (DDSI-RTPS 2.5, 8.2.4.1 and 9.3.1): 12 octets of participant, 4 octets of entity. */

/**
 * The 12 octets of a GuidPrefix_t as a binary (latin1) string, one character per octet: a Map key that is
 * compared by `===`.
 */
export type GuidPrefix = string;

/** An EntityId_t as the big-endian number of its 4 octets: 0x000100c2 is the SPDP writer. */
export type EntityId = number;

export interface Guid {
  readonly prefix: GuidPrefix;
  readonly entityId: EntityId;
}

export const GUID_PREFIX_OCTETS = 12;
export const GUID_OCTETS = 16;
export const GUID_PREFIX_UNKNOWN: GuidPrefix = "\0".repeat(GUID_PREFIX_OCTETS);

/** @param bytes at least 12 octets from `at` on */
export function prefixFromBytes(bytes: Uint8Array, at = 0): GuidPrefix {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1", at, at + GUID_PREFIX_OCTETS);
}

export function prefixToBytes(prefix: GuidPrefix): Uint8Array {
  return Buffer.from(prefix, "latin1");
}

/** @param bytes at least 16 octets */
export function guidFromBytes(bytes: Uint8Array): Guid {
  const view = new DataView(bytes.buffer, bytes.byteOffset, GUID_OCTETS);
  return { prefix: prefixFromBytes(bytes), entityId: view.getUint32(GUID_PREFIX_OCTETS) };
}

/** 16 octets as they stand on the wire, in an array of the caller's own. */
export function guidToBytes(guid: Guid): Uint8Array {
  const bytes = new Uint8Array(GUID_OCTETS);
  bytes.set(prefixToBytes(guid.prefix));
  new DataView(bytes.buffer).setUint32(GUID_PREFIX_OCTETS, guid.entityId);
  return bytes;
}

/** The whole GUID as a Map key: 16 latin1 characters. */
export function guidKey(guid: Guid): string {
  const id = guid.entityId;
  return guid.prefix + String.fromCharCode(id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff);
}

/** For people: `010f7f01470eeae300000000|00000103`. */
export function formatGuid(guid: Guid): string {
  return `${formatPrefix(guid.prefix)}|${guid.entityId.toString(16).padStart(8, "0")}`;
}

export function formatPrefix(prefix: GuidPrefix): string {
  return Buffer.from(prefix, "latin1").toString("hex");
}
