import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import { type NumberSet, readSequenceNumberSet, writeSequenceNumberSet } from "../structure/number-set.js";
import {
  readSequenceNumber,
  type SequenceNumber,
  writeSequenceNumber,
} from "../structure/sequence-number.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** GAP (DDSI-RTPS 2.5, 8.3.8.4 and 9.4.5.6): `start` to `list.base - 1` and the list's members are irrelevant. */
export interface Gap {
  readonly kind: "gap";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly start: SequenceNumber;
  readonly list: NumberSet;
}

export function decodeGap(body: CdrReader): Gap {
  const readerId = readEntityId(body);
  const writerId = readEntityId(body);
  const start = readSequenceNumber(body);
  const list = readSequenceNumberSet(body);
  if (start === 0 || list.base < start) {
    throw new DecodeError("RTPS_GAP", `gap from ${start} to before ${list.base}`, 8, "8.3.8.4.3");
  }
  return { kind: "gap", readerId, writerId, start, list };
}

export function encodeGap(out: CdrWriter, gap: Gap): void {
  const at = beginSubmessage(out, SUBMESSAGE_ID.gap);
  writeEntityId(out, gap.readerId);
  writeEntityId(out, gap.writerId);
  writeSequenceNumber(out, gap.start);
  writeSequenceNumberSet(out, gap.list);
  endSubmessage(out, at);
}
