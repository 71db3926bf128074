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
import { decodeInlineQos, encodeInlineQos, type InlineQos } from "./inline-qos.js";
import { beginSubmessage, endSubmessage } from "./submessage-frame.js";
import { SUBMESSAGE_ID } from "./submessage-id.js";

/** DATA_FRAG (DDSI-RTPS 2.5, 8.3.8.3 and 9.4.5.5): consecutive fragments of one serialized sample. */
export interface DataFrag {
  readonly kind: "dataFrag";
  readonly readerId: EntityId;
  readonly writerId: EntityId;
  readonly sequenceNumber: SequenceNumber;
  /** Number of the first fragment here; the first of a sample is 1. */
  readonly firstFragment: number;
  readonly fragmentCount: number;
  /** Octets in each fragment but a sample's last. */
  readonly fragmentSize: number;
  /** Octets of the whole serialized sample, encapsulation header included. */
  readonly sampleSize: number;
  readonly inlineQos?: InlineQos;
  /** The fragments, borrowed, cut to what `sampleSize` says they hold (padding is removed). */
  readonly payload: Uint8Array;
  readonly keyOnly: boolean;
}

const FLAG_INLINE_QOS = 0x02;
const FLAG_KEY = 0x04;
/** From the end of octetsToInlineQos: entity ids, sequence number, and 12 octets about fragments. */
const OCTETS_TO_INLINE_QOS = 28;

export function decodeDataFrag(body: CdrReader, flags: number): DataFrag {
  body.skip(2);
  const octetsToInlineQos = body.u16();
  const start = body.offset;
  const readerId = readEntityId(body);
  const writerId = readEntityId(body);
  const sequenceNumber = readSequenceNumber(body);
  const firstFragment = body.u32();
  const fragmentCount = body.u16();
  const fragmentSize = body.u16();
  const sampleSize = body.u32();
  body.skip(octetsToInlineQos - (body.offset - start));
  const inlineQos = flags & FLAG_INLINE_QOS ? decodeInlineQos(body) : undefined;
  const begin = (firstFragment - 1) * fragmentSize;
  // 8.3.8.3.3: numbers start at 1, and what they name must lie inside the sample.
  if (firstFragment === 0 || fragmentCount === 0 || fragmentSize === 0 || begin >= sampleSize) {
    const what = `fragment ${firstFragment}+${fragmentCount} of ${fragmentSize} octets in a sample of ${sampleSize}`;
    throw new DecodeError("RTPS_FRAGMENT", what, start + 16, "DDSI-RTPS 2.5, 8.3.8.3.3");
  }
  const payload = body.borrow(Math.min(fragmentCount * fragmentSize, sampleSize - begin));
  return {
    kind: "dataFrag",
    readerId,
    writerId,
    sequenceNumber,
    firstFragment,
    fragmentCount,
    fragmentSize,
    sampleSize,
    payload,
    keyOnly: (flags & FLAG_KEY) !== 0,
    ...(inlineQos && { inlineQos }),
  };
}

/** Writes DATA_FRAG up to its payload, which the caller appends to the datagram itself, padded to 4 octets. */
export function encodeDataFragHead(out: CdrWriter, frag: DataFrag): void {
  const flags = (frag.inlineQos === undefined ? 0 : FLAG_INLINE_QOS) | (frag.keyOnly ? FLAG_KEY : 0);
  const at = beginSubmessage(out, SUBMESSAGE_ID.dataFrag, flags);
  out.u16(0);
  out.u16(OCTETS_TO_INLINE_QOS);
  writeEntityId(out, frag.readerId);
  writeEntityId(out, frag.writerId);
  writeSequenceNumber(out, frag.sequenceNumber);
  out.u32(frag.firstFragment);
  out.u16(frag.fragmentCount);
  out.u16(frag.fragmentSize);
  out.u32(frag.sampleSize);
  if (frag.inlineQos !== undefined) encodeInlineQos(out, frag.inlineQos);
  endSubmessage(out, at, (frag.payload.length + 3) & ~3);
}
