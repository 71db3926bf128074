import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import {
  readSequenceNumber,
  type SequenceNumber,
  writeSequenceNumber,
} from "../structure/sequence-number.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** HEARTBEAT_FRAG (DDSI-RTPS 2.5, 8.3.8.7 and 9.4.5.8): fragments 1 to `lastFragment` of a sample are available. */
export interface HeartbeatFrag {
  readonly kind: "heartbeatFrag";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly sequenceNumber: SequenceNumber;
  readonly lastFragment: number;
  readonly count: number;
}

export function decodeHeartbeatFrag(body: CdrReader): HeartbeatFrag {
  return {
    kind: "heartbeatFrag",
    readerId: readEntityId(body),
    writerId: readEntityId(body),
    sequenceNumber: readSequenceNumber(body),
    lastFragment: body.u32(),
    count: body.u32(),
  };
}

export function encodeHeartbeatFrag(out: CdrWriter, heartbeat: HeartbeatFrag): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.heartbeatFrag);
  writeEntityId(out, heartbeat.readerId);
  writeEntityId(out, heartbeat.writerId);
  writeSequenceNumber(out, heartbeat.sequenceNumber);
  out.u32(heartbeat.lastFragment);
  out.u32(heartbeat.count);
  endSubmessage(out, at);
}
