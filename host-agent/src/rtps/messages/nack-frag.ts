import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import { type NumberSet, readFragmentNumberSet, writeFragmentNumberSet } from "../structure/number-set.js";
import {
  readSequenceNumber,
  type SequenceNumber,
  writeSequenceNumber,
} from "../structure/sequence-number.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** NACK_FRAG (DDSI-RTPS 2.5, 8.3.8.10 and 9.4.5.14): the members are the fragments asked for. */
export interface NackFrag {
  readonly kind: "nackFrag";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly sequenceNumber: SequenceNumber;
  readonly missing: NumberSet;
  readonly count: number;
}

export function decodeNackFrag(body: CdrReader): NackFrag {
  return {
    kind: "nackFrag",
    readerId: readEntityId(body),
    writerId: readEntityId(body),
    sequenceNumber: readSequenceNumber(body),
    missing: readFragmentNumberSet(body),
    count: body.u32(),
  };
}

export function encodeNackFrag(out: CdrWriter, nack: NackFrag): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.nackFrag);
  writeEntityId(out, nack.readerId);
  writeEntityId(out, nack.writerId);
  writeSequenceNumber(out, nack.sequenceNumber);
  writeFragmentNumberSet(out, nack.missing);
  out.u32(nack.count);
  endSubmessage(out, at);
}
