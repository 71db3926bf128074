/** Object ids (DDS-XRCE 1.0, 7.7.3): 16 bits, most significant octet first; 12 of them number, 4 kind. */
export const ObjectKind = {
  PARTICIPANT: 1,
  TOPIC: 2,
  PUBLISHER: 3,
  SUBSCRIBER: 4,
  DATAWRITER: 5,
  DATAREADER: 6,
  REQUESTER: 7,
  REPLIER: 8,
  AGENT: 0x0d,
  CLIENT: 0x0e,
} as const;

/** The agent itself and the client itself, as objects (7.7.4). */
export const OBJECTID_AGENT = 0xfffd;
export const OBJECTID_CLIENT = 0xfffe;

export const kindOf = (objectId: number): number => objectId & 0x0f;

const KIND_NAMES: Readonly<Record<number, string>> = {
  1: "participant",
  2: "topic",
  3: "publisher",
  4: "subscriber",
  5: "datawriter",
  6: "datareader",
  7: "requester",
  8: "replier",
};

/** `datareader 0x002`: for logs and errors. */
export function objectName(objectId: number): string {
  if (objectId === OBJECTID_AGENT) return "agent";
  if (objectId === OBJECTID_CLIENT) return "client";
  const name = KIND_NAMES[kindOf(objectId)] ?? `object of unknown kind ${kindOf(objectId)}`;
  return `${name} 0x${(objectId >> 4).toString(16).padStart(3, "0")}`;
}
