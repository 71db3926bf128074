import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import { type NumberSet, readSequenceNumberSet, writeSequenceNumberSet } from "../structure/number-set.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** ACKNACK (DDSI-RTPS 2.5, 8.3.8.1 and 9.4.5.3). Fast DDS opens with `base` 0, which acknowledges nothing. */
export interface AckNack {
  readonly kind: "acknack";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  /** All below `base` is acknowledged, the members are asked for. */
  readonly state: NumberSet;
  readonly count: number;
  /** The writer need not answer with a HEARTBEAT. */
  readonly final: boolean;
}

const FLAG_FINAL = 0x02;

export function decodeAckNack(body: CdrReader, flags: number): AckNack {
  return {
    kind: "acknack",
    readerId: readEntityId(body),
    writerId: readEntityId(body),
    state: readSequenceNumberSet(body),
    count: body.u32(),
    final: (flags & FLAG_FINAL) !== 0,
  };
}

export function encodeAckNack(out: CdrWriter, acknack: AckNack): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.acknack, acknack.final ? FLAG_FINAL : 0);
  writeEntityId(out, acknack.readerId);
  writeEntityId(out, acknack.writerId);
  writeSequenceNumberSet(out, acknack.state);
  out.u32(acknack.count);
  endSubmessage(out, at);
}
