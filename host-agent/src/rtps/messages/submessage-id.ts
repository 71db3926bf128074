/** SubmessageKind (DDSI-RTPS 2.5, 9.4.5.1.1). */
export const SUBMESSAGE_ID = {
  pad: 0x01,
  acknack: 0x06,
  heartbeat: 0x07,
  gap: 0x08,
  infoTimestamp: 0x09,
  infoSource: 0x0c,
  infoReplyIp4: 0x0d,
  infoDestination: 0x0e,
  infoReply: 0x0f,
  nackFrag: 0x12,
  heartbeatFrag: 0x13,
  data: 0x15,
  dataFrag: 0x16,
} as const;

/** Bit 0 of every submessage's flags: its body is little-endian (9.4.5.1.2). */
export const FLAG_LITTLE_ENDIAN = 0x01;
export const SUBMESSAGE_HEADER_OCTETS = 4;
