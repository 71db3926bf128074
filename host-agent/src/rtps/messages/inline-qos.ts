import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { GUID_OCTETS } from "../structure/guid.js";
import { PID } from "../structure/parameter-id.js";
import { readSequenceNumberOrUnknown, writeSequenceNumberOrUnknown } from "../structure/sequence-number.js";
import { ParameterList, writeSentinel } from "./parameter-list.js";

/** The inline QoS parameters that mean something here (DDSI-RTPS 2.5, 9.6.3 and 9.6.4). */
export interface InlineQos {
  /** StatusInfo_t, 9.6.4.9: see STATUS_DISPOSED, STATUS_UNREGISTERED. */
  readonly statusInfo: number;
  /** KeyHash_t, 16 octets, borrowed. */
  readonly keyHash?: Uint8Array;
  readonly related?: RelatedSample;
}

/** SampleIdentity_t of PID_RELATED_SAMPLE_IDENTITY: 24 octets. `guid` is borrowed when decoded. */
export interface RelatedSample {
  readonly guid: Uint8Array;
  /** -1n is SEQUENCE_NUMBER_UNKNOWN. */
  readonly sequenceNumber: bigint;
}

export const STATUS_DISPOSED = 0x01;
export const STATUS_UNREGISTERED = 0x02;

const RELATED_OCTETS = 24;

export function decodeInlineQos(reader: CdrReader): InlineQos {
  const list = new ParameterList(reader);
  let statusInfo = 0;
  let keyHash: Uint8Array | undefined;
  let related: RelatedSample | undefined;
  while (list.next()) {
    switch (list.id) {
      case PID.statusInfo:
        // Four octets, the same in both byte orders; the last holds the flags.
        statusInfo = list.octets[3] ?? 0;
        break;
      case PID.keyHash:
        if (list.octets.length >= GUID_OCTETS) keyHash = list.octets.subarray(0, GUID_OCTETS);
        break;
      case PID.relatedSampleIdentity:
        related = decodeRelated(list) ?? related;
        break;
      case PID.eprosimaRelatedSampleIdentity:
        related ??= decodeRelated(list);
        break;
    }
  }
  return { statusInfo, ...(keyHash && { keyHash }), ...(related && { related }) };
}

/** Anything but 24 octets is somebody else's use of the number (0x800f is in the vendors' range). */
function decodeRelated(list: ParameterList): RelatedSample | undefined {
  if (list.octets.length !== RELATED_OCTETS) return undefined;
  const value = list.value;
  const guid = value.borrow(GUID_OCTETS);
  return { guid, sequenceNumber: readSequenceNumberOrUnknown(value) };
}

/**
 * Writes a whole inline QoS list, the sentinel included. The related identity goes out under both ids: Fast
 * DDS before 2.14 knows 0x800f only, the standard's is 0x0083.
 */
export function encodeInlineQos(out: CdrWriter, qos: InlineQos): void {
  if (qos.related !== undefined) {
    for (const id of [PID.relatedSampleIdentity, PID.eprosimaRelatedSampleIdentity]) {
      out.u16(id);
      out.u16(RELATED_OCTETS);
      out.raw(qos.related.guid);
      writeSequenceNumberOrUnknown(out, qos.related.sequenceNumber);
    }
  }
  if (qos.keyHash !== undefined) {
    out.u16(PID.keyHash);
    out.u16(GUID_OCTETS);
    out.raw(qos.keyHash);
  }
  if (qos.statusInfo !== 0) {
    out.u16(PID.statusInfo);
    out.u16(4);
    for (const octet of [0, 0, 0, qos.statusInfo]) out.u8(octet);
  }
  writeSentinel(out);
}
