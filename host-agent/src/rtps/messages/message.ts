import { CdrReader } from "../../cdr/reader.js";
import { DecodeError } from "../../errors.js";
import { type AckNack, decodeAckNack } from "./acknack.js";
import { type Data, decodeData } from "./data.js";
import { type DataFrag, decodeDataFrag } from "./data-frag.js";
import { decodeGap, type Gap } from "./gap.js";
import { MESSAGE_HEADER_OCTETS } from "./header.js";
import { decodeHeartbeat, type Heartbeat } from "./heartbeat.js";
import { decodeHeartbeatFrag, type HeartbeatFrag } from "./heartbeat-frag.js";
import { decodeInfoDestination, type InfoDestination } from "./info-destination.js";
import { decodeInfoSource, type InfoSource } from "./info-source.js";
import { decodeInfoTimestamp, type InfoTimestamp } from "./info-timestamp.js";
import { decodeNackFrag, type NackFrag } from "./nack-frag.js";
import { FLAG_LITTLE_ENDIAN, SUBMESSAGE_HEADER_OCTETS, SUBMESSAGE_ID } from "./submessage-id.js";

export type Submessage =
  | Data
  | DataFrag
  | Heartbeat
  | HeartbeatFrag
  | AckNack
  | NackFrag
  | Gap
  | InfoTimestamp
  | InfoDestination
  | InfoSource;

/**
 * Hands the submessages of one message (DDSI-RTPS 2.5, 8.3.4) to `visit`, in order. PAD, INFO_REPLY (its
 * locators are not used: we answer to the announced ones) and unknown kinds are skipped by their length.
 * @param datagram a whole message; what `visit` gets borrows from it
 * @throws DecodeError at the first submessage that does not decode; the rest of the message is then invalid
 *   (8.3.4.1), what came before stands
 */
export function decodeSubmessages(datagram: Uint8Array, visit: (submessage: Submessage) => void): void {
  let at = MESSAGE_HEADER_OCTETS;
  while (datagram.length - at >= SUBMESSAGE_HEADER_OCTETS) {
    const id = datagram[at] as number;
    const flags = datagram[at + 1] as number;
    const littleEndian = (flags & FLAG_LITTLE_ENDIAN) !== 0;
    const low = datagram[at + (littleEndian ? 2 : 3)] as number;
    const length = low | ((datagram[at + (littleEndian ? 3 : 2)] as number) << 8);
    at += SUBMESSAGE_HEADER_OCTETS;
    // 9.4.5.1.3: a length of 0 means "to the end of the message", except for PAD and INFO_TS.
    const toEnd = length === 0 && id !== SUBMESSAGE_ID.pad && id !== SUBMESSAGE_ID.infoTimestamp;
    const end = toEnd ? datagram.length : at + length;
    if (end > datagram.length) {
      const what = `submessage 0x${id.toString(16)} of ${length} octets, ${datagram.length - at} left`;
      throw new DecodeError("RTPS_TRUNCATED", what, at, "DDSI-RTPS 2.5, 8.3.4.1");
    }
    const body = new CdrReader(datagram.subarray(at, end), littleEndian);
    const submessage = decodeBody(id, flags, body);
    at = end;
    if (submessage !== undefined) visit(submessage);
  }
}

function decodeBody(id: number, flags: number, body: CdrReader): Submessage | undefined {
  switch (id) {
    case SUBMESSAGE_ID.data:
      return decodeData(body, flags);
    case SUBMESSAGE_ID.dataFrag:
      return decodeDataFrag(body, flags);
    case SUBMESSAGE_ID.heartbeat:
      return decodeHeartbeat(body, flags);
    case SUBMESSAGE_ID.heartbeatFrag:
      return decodeHeartbeatFrag(body);
    case SUBMESSAGE_ID.acknack:
      return decodeAckNack(body, flags);
    case SUBMESSAGE_ID.nackFrag:
      return decodeNackFrag(body);
    case SUBMESSAGE_ID.gap:
      return decodeGap(body);
    case SUBMESSAGE_ID.infoTimestamp:
      return decodeInfoTimestamp(body, flags);
    case SUBMESSAGE_ID.infoDestination:
      return decodeInfoDestination(body);
    case SUBMESSAGE_ID.infoSource:
      return decodeInfoSource(body);
    default:
      return undefined;
  }
}
