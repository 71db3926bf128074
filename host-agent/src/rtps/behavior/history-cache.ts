import type { InlineQos } from "../messages/inline-qos.js";
import type { SequenceNumber } from "../structure/sequence-number.js";

/** One change of a writer (DDSI-RTPS 2.5, 8.2.3). Immutable: what it holds may be on its way to a socket. */
export interface CacheChange {
  readonly sequenceNumber: SequenceNumber;
  /** Serialized payload with encapsulation header; of a disposal, the serialized key. */
  readonly data: Uint8Array;
  /** The instance was disposed and unregistered; nobody who comes later needs to hear of it. */
  readonly disposed: boolean;
  readonly inlineQos?: InlineQos;
  readonly epochMs: number;
  /** The clock's time of writing, for LIFESPAN. */
  readonly writtenAt: number;
  /** Key of the instance, for writers of keyed topics (discovery): a newer change replaces an older one. */
  readonly instance?: string;
  /** Which readers the change is for, by their GUID's 16 octets; absent: all. To the others it is irrelevant (8.4.8.1). */
  readonly to?: (reader: Uint8Array) => boolean;
}

/** The changes a writer keeps (8.2.2), ascending by sequence number, with holes where one was removed. */
export class HistoryCache {
  private readonly changes = new Map<SequenceNumber, CacheChange>();
  private readonly byInstance = new Map<string, SequenceNumber>();
  private total = 0;
  private newest = 0;

  /** Octets of payload kept. */
  get octets(): number {
    return this.total;
  }

  get size(): number {
    return this.changes.size;
  }

  /** The highest sequence number ever added, 0 if none. */
  get last(): SequenceNumber {
    return this.newest;
  }

  /** The lowest sequence number kept, `last + 1` if none. */
  get first(): SequenceNumber {
    for (const first of this.changes.keys()) return first;
    return this.newest + 1;
  }

  get(sequenceNumber: SequenceNumber): CacheChange | undefined {
    return this.changes.get(sequenceNumber);
  }

  /** The lowest sequence number from `from` on that is kept, `last + 1` if none. */
  next(from: SequenceNumber): SequenceNumber {
    let at = Math.max(from, Math.min(this.first, this.newest + 1));
    while (at <= this.newest && !this.changes.has(at)) at++;
    return at;
  }

  /** Adds a change with the next sequence number; an older one of the same instance goes. */
  add(change: CacheChange): void {
    if (change.instance !== undefined) {
      const older = this.byInstance.get(change.instance);
      if (older !== undefined) this.remove(older);
      this.byInstance.set(change.instance, change.sequenceNumber);
    }
    this.changes.set(change.sequenceNumber, change);
    this.newest = change.sequenceNumber;
    this.total += change.data.length;
  }

  remove(sequenceNumber: SequenceNumber): void {
    const change = this.changes.get(sequenceNumber);
    if (change === undefined) return;
    this.changes.delete(sequenceNumber);
    this.total -= change.data.length;
    if (change.instance !== undefined && this.byInstance.get(change.instance) === sequenceNumber) {
      this.byInstance.delete(change.instance);
    }
  }

  removeFirst(): void {
    for (const first of this.changes.keys()) {
      this.remove(first);
      return;
    }
  }

  /** Removes the changes below `limit` for which `which` holds. */
  removeBelow(limit: SequenceNumber, which: (change: CacheChange) => boolean): void {
    for (const change of this.changes.values()) {
      if (change.sequenceNumber >= limit) return;
      if (which(change)) this.remove(change.sequenceNumber);
    }
  }

  values(): IterableIterator<CacheChange> {
    return this.changes.values();
  }
}
