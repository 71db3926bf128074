import type { EntityId } from "./guid.js";

/** Predefined entity ids (DDSI-RTPS 2.5, Table 9.2 and 9.3.1.3). */
export const ENTITYID_UNKNOWN: EntityId = 0x00000000;
export const ENTITYID_PARTICIPANT: EntityId = 0x000001c1;
export const ENTITYID_SPDP_WRITER: EntityId = 0x000100c2;
export const ENTITYID_SPDP_READER: EntityId = 0x000100c7;
export const ENTITYID_SEDP_PUBLICATIONS_WRITER: EntityId = 0x000003c2;
export const ENTITYID_SEDP_PUBLICATIONS_READER: EntityId = 0x000003c7;
export const ENTITYID_SEDP_SUBSCRIPTIONS_WRITER: EntityId = 0x000004c2;
export const ENTITYID_SEDP_SUBSCRIPTIONS_READER: EntityId = 0x000004c7;
export const ENTITYID_PARTICIPANT_MESSAGE_WRITER: EntityId = 0x000200c2;
export const ENTITYID_PARTICIPANT_MESSAGE_READER: EntityId = 0x000200c7;

/** Kind octets of user-defined entities without a key, as all ROS 2 topics are (Table 9.1). */
export const ENTITY_KIND_WRITER_NO_KEY = 0x03;
export const ENTITY_KIND_READER_NO_KEY = 0x04;

/** BuiltinEndpointSet_t bits (Table 9.4). */
export const BUILTIN = {
  participantAnnouncer: 1 << 0,
  participantDetector: 1 << 1,
  publicationsAnnouncer: 1 << 2,
  publicationsDetector: 1 << 3,
  subscriptionsAnnouncer: 1 << 4,
  subscriptionsDetector: 1 << 5,
  participantMessageWriter: 1 << 10,
  participantMessageReader: 1 << 11,
} as const;

/** What this implementation has: all of the above, 0xc3f. */
export const BUILTIN_ENDPOINTS_OURS = Object.values(BUILTIN).reduce((all, bit) => all | bit, 0);

/** A writer's kind octet is x2 (with key) or x3 (no key); a reader's is x7 or x4. */
export function isWriterId(id: EntityId): boolean {
  const kind = id & 0x0f;
  return kind === 0x02 || kind === 0x03;
}

export function isReaderId(id: EntityId): boolean {
  const kind = id & 0x0f;
  return kind === 0x04 || kind === 0x07;
}
