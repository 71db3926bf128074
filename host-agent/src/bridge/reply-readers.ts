import { isCycloneIdentity, isFromCyclone } from "./cyclone-service.js";
import { participantOf } from "./matched-ends.js";
import type { ReaderFilter, Sample, SampleIdentity } from "./network.js";

/** Kinds of readers, in the last octet of a GUID (DDSI-RTPS 2.5, Table 9.1), without the bits that say whose they are. */
const READER_KINDS: readonly number[] = [0x04, 0x07];

/** The readers of a service's replies that have matched, one of each client, and which of them a reply is for. */
export class ReplyReaders {
  private readonly readers = new Map<string, Uint8Array>();

  matched({ guid }: { readonly guid: Uint8Array }, matched: boolean): void {
    if (matched) this.readers.set(guidName(guid), guid);
    else this.readers.delete(guidName(guid));
  }

  /**
   * Whether a reply to that request would reach its client.
   * @returns undefined if the request does not name its reply reader
   */
  knowsReaderOf({ writer, related }: Sample): boolean | undefined {
    if (related === undefined || !isReader(related.guid)) return undefined;
    if (participantOf(related.guid) !== participantOf(writer.guid)) return undefined;
    return this.readers.has(guidName(related.guid));
  }

  /** Which readers get a reply: the one that its request named, or else those of its participant. Undefined: none is there. */
  addressee(identity: SampleIdentity): ReaderFilter | undefined {
    const { guid } = identity;
    if (this.readers.has(guidName(guid))) return (reader) => Buffer.compare(reader, guid) === 0;
    const participant = participantOf(guid);
    const to: ReaderFilter = isCycloneIdentity(identity)
      ? (reader) => isFromCyclone(identity, reader)
      : (reader) => participantOf(reader) === participant;
    for (const reader of this.readers.values()) if (to(reader)) return to;
    return undefined;
  }
}

/** A GUID as the key of a map. */
export const guidName = (guid: Uint8Array): string =>
  Buffer.from(guid.buffer, guid.byteOffset, guid.byteLength).toString("latin1");

const isReader = (guid: Uint8Array): boolean => READER_KINDS.includes((guid[15] as number) & 0x0f);
