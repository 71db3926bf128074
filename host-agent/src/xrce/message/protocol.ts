/**
 * Numbers of the DDS-XRCE 1.0 protocol that more than one message needs: submessage kinds (8.3.4, Table 5),
 * flags, status values (Annex A, `StatusValue`), stream and session ids (8.3.2).
 */
export const SubmessageId = {
  CREATE_CLIENT: 0x00,
  CREATE: 0x01,
  GET_INFO: 0x02,
  DELETE: 0x03,
  STATUS_AGENT: 0x04,
  STATUS: 0x05,
  INFO: 0x06,
  WRITE_DATA: 0x07,
  READ_DATA: 0x08,
  DATA: 0x09,
  ACKNACK: 0x0a,
  HEARTBEAT: 0x0b,
  RESET: 0x0c,
  FRAGMENT: 0x0d,
  TIMESTAMP: 0x0e,
  TIMESTAMP_REPLY: 0x0f,
} as const;

/** Bit 0 of the submessage flags: the body is little-endian. The header's length always is. */
export const FLAG_LITTLE_ENDIAN = 0x01;
/** CREATE: an existing object that matches may be kept (CreationMode.reuse). */
export const FLAG_REUSE = 0x02;
/** CREATE: an existing object may be replaced (CreationMode.replace). */
export const FLAG_REPLACE = 0x04;
/** FRAGMENT: the last one of its submessage. */
export const FLAG_LAST_FRAGMENT = 0x02;
/** WRITE_DATA and DATA: bits 1 to 3 hold the DataFormat; 0 is FORMAT_DATA, the one format this agent carries. */
export const MASK_DATA_FORMAT = 0x0e;

export const Status = {
  OK: 0x00,
  OK_MATCHED: 0x01,
  ERR_DDS_ERROR: 0x80,
  ERR_MISMATCH: 0x81,
  ERR_ALREADY_EXISTS: 0x82,
  ERR_DENIED: 0x83,
  ERR_UNKNOWN_REFERENCE: 0x84,
  ERR_INVALID_DATA: 0x85,
  ERR_INCOMPATIBLE: 0x86,
  ERR_RESOURCES: 0x87,
} as const;
export type StatusValue = (typeof Status)[keyof typeof Status];

/** Session ids from here on carry no client key in the message header (8.3.2.1). */
export const SESSION_WITHOUT_KEY = 0x80;
/** "No session", with and without client key: CREATE_CLIENT and GET_INFO before there is one. */
export const SESSION_NONE_WITH_KEY = 0x00;
export const SESSION_NONE = 0x80;

export const STREAM_NONE = 0x00;
export const STREAM_BEST_EFFORT = 0x01;
export const STREAM_RELIABLE = 0x80;
export const isReliable = (stream: number): boolean => stream >= STREAM_RELIABLE;

export const XRCE_COOKIE = 0x58524345; // "XRCE", most significant octet first
export const XRCE_VERSION = { major: 1, minor: 0 } as const;
/** eProsima's vendor id. Micro XRCE-DDS clients compare nothing but expect a known layout; ours is announced alike. */
export const XRCE_VENDOR = 0x010f;
