import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import {
  readSequenceNumber,
  type SequenceNumber,
  writeSequenceNumber,
} from "../structure/sequence-number.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** HEARTBEAT (DDSI-RTPS 2.5, 8.3.8.6 and 9.4.5.7): which samples a writer has. `last` is `first - 1` if none. */
export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly first: SequenceNumber;
  readonly last: SequenceNumber;
  /** Grows with every heartbeat; one that is not newer is a duplicate. */
  readonly count: number;
  /** The reader need not answer. */
  readonly final: boolean;
  readonly liveliness: boolean;
}

const FLAG_FINAL = 0x02;
const FLAG_LIVELINESS = 0x04;

export function decodeHeartbeat(body: CdrReader, flags: number): Heartbeat {
  const readerId = readEntityId(body);
  const writerId = readEntityId(body);
  const first = readSequenceNumber(body);
  const last = readSequenceNumber(body);
  const count = body.u32();
  // 8.3.8.6.3. A first of 0 is invalid too, but harmless: it is read as 1.
  if (last < first - 1) {
    throw new DecodeError("RTPS_HEARTBEAT", `last ${last} is before first ${first}`, 8, "8.3.8.6.3");
  }
  const final = (flags & FLAG_FINAL) !== 0;
  const liveliness = (flags & FLAG_LIVELINESS) !== 0;
  return { kind: "heartbeat", readerId, writerId, first: Math.max(1, first), last, count, final, liveliness };
}

export function encodeHeartbeat(out: CdrWriter, heartbeat: Heartbeat): void {
  const flags = (heartbeat.final ? FLAG_FINAL : 0) | (heartbeat.liveliness ? FLAG_LIVELINESS : 0);
  const at = beginSubmessage(out, SUBMESSAGE_ID.heartbeat, flags);
  writeEntityId(out, heartbeat.readerId);
  writeEntityId(out, heartbeat.writerId);
  writeSequenceNumber(out, heartbeat.first);
  writeSequenceNumber(out, heartbeat.last);
  out.u32(heartbeat.count);
  endSubmessage(out, at);
}
