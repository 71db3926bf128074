import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { readEntityId, writeEntityId } from "../structure/entity-id-octets.js";
import type { EntityId } from "../structure/guid.js";
import {
  readSequenceNumber,
  type SequenceNumber,
  writeSequenceNumber,
} from "../structure/sequence-number.js";
import { decodeInlineQos, encodeInlineQos, type InlineQos } from "./inline-qos.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** DATA (DDSI-RTPS 2.5, 8.3.8.2 and 9.4.5.4). */
export interface Data {
  readonly kind: "data";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly sequenceNumber: SequenceNumber;
  readonly inlineQos?: InlineQos;
  /**
   * Serialized payload with its 4-octet encapsulation header, borrowed; up to 3 octets of padding may follow
   * the value. Absent if the submessage has neither the D nor the K flag.
   */
  readonly payload?: Uint8Array;
  /** The payload is the serialized key only (K flag). */
  readonly keyOnly: boolean;
}

const FLAG_INLINE_QOS = 0x02;
const FLAG_DATA = 0x04;
const FLAG_KEY = 0x08;
/** From the end of octetsToInlineQos to the inline QoS: two entity ids and a sequence number. */
export const OCTETS_TO_INLINE_QOS = 16;

export function decodeData(body: CdrReader, flags: number): Data {
  body.skip(2);
  const octetsToInlineQos = body.u16();
  const start = body.offset;
  const readerId = readEntityId(body);
  const writerId = readEntityId(body);
  const sequenceNumber = readSequenceNumber(body);
  // A later minor version may add fields here: octetsToInlineQos says how far they reach (9.4.5.4.2).
  body.skip(octetsToInlineQos - (body.offset - start));
  const inlineQos = flags & FLAG_INLINE_QOS ? decodeInlineQos(body) : undefined;
  const payload = flags & (FLAG_DATA | FLAG_KEY) ? body.rest() : undefined;
  const keyOnly = (flags & FLAG_KEY) !== 0;
  return {
    kind: "data",
    readerId,
    writerId,
    sequenceNumber,
    keyOnly,
    ...(inlineQos && { inlineQos }),
    ...(payload && { payload }),
  };
}

/**
 * Writes DATA up to and including its payload, padded to 4 octets.
 * @param outside the payload is not written: the caller appends it, padded, to the datagram itself
 */
export function encodeData(out: CdrWriter, data: Data, outside = false): void {
  const payloadFlag = data.payload === undefined ? 0 : data.keyOnly ? FLAG_KEY : FLAG_DATA;
  const at = beginSubmessage(
    out,
    SUBMESSAGE_ID.data,
    payloadFlag | (data.inlineQos === undefined ? 0 : FLAG_INLINE_QOS),
  );
  out.u16(0);
  out.u16(OCTETS_TO_INLINE_QOS);
  writeEntityId(out, data.readerId);
  writeEntityId(out, data.writerId);
  writeSequenceNumber(out, data.sequenceNumber);
  if (data.inlineQos !== undefined) encodeInlineQos(out, data.inlineQos);
  if (outside) {
    endSubmessage(out, at, ((data.payload?.length ?? 0) + 3) & ~3);
    return;
  }
  if (data.payload !== undefined) out.raw(data.payload);
  endSubmessage(out, at);
}
