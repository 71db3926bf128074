import {
  MAX_READER_CACHE_OCTETS,
  MAX_READER_CACHE_SAMPLES,
  MAX_REASSEMBLIES_PER_WRITER,
  MAX_SAMPLE_OCTETS,
  MIN_FRAGMENT_OCTETS,
} from "../limits.js";
import type { DataFrag } from "../messages/data-frag.js";
import type { Gap } from "../messages/gap.js";
import type { Heartbeat } from "../messages/heartbeat.js";
import type { HeartbeatFrag } from "../messages/heartbeat-frag.js";
import type { InlineQos } from "../messages/inline-qos.js";
import type { EntityId, Guid } from "../structure/guid.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import { Acknowledgement } from "./acknowledgement.js";
import { FragmentAssembly, type ReassemblyBudget } from "./fragment-assembly.js";
import type { Route } from "./route.js";

/** A change as it arrived. */
export interface ReceivedChange {
  readonly writer: WriterProxy;
  readonly sequenceNumber: SequenceNumber;
  /** Serialized payload with encapsulation header; absent if the change has none. Borrowed from its datagram. */
  readonly payload: Uint8Array | undefined;
  readonly keyOnly: boolean;
  readonly inlineQos: InlineQos | undefined;
}

/** NACK_FRAGs in one answer: with fragments of 1.2 kB they cover 18 MB. */
const MAX_NACK_FRAGS = 64;

/**
 * A matched writer as its reader sees it (DDSI-RTPS 2.5, 8.4.10.4).
 *
 * All below `expected` has been delivered, or is irrelevant, or can no longer be had. What arrived above it
 * waits in `cache` (null: irrelevant), samples of which only fragments arrived in `assemblies`. `announced` is
 * the highest number known to exist. While `held`, the consumer has refused `expected` and nothing is
 * delivered until it asks.
 * Invariant: all keys of `cache` and `assemblies` are at least `expected`, and equal to it only while held
 * (or, for an assembly, while incomplete).
 */
export class WriterProxy {
  expected: SequenceNumber = 1;
  announced: SequenceNumber = 0;
  held = false;
  private readonly cache = new Map<SequenceNumber, ReceivedChange | null>();
  private cacheOctets = 0;
  private readonly assemblies = new Map<SequenceNumber, FragmentAssembly>();
  /** The writer has sent something about its history. */
  heard = false;
  private lastHeartbeat = -1;
  private lastHeartbeatFrag = -1;
  readonly acknowledgement: Acknowledgement;

  constructor(
    readonly guid: Guid,
    /** The GUID's 16 octets, shared by all samples handed out. */
    readonly guidBytes: Uint8Array,
    readonly reliable: boolean,
    route: Route,
    readerId: EntityId,
    private readonly budget: ReassemblyBudget,
  ) {
    this.acknowledgement = new Acknowledgement(guid, readerId, route, () => this.expected);
  }

  /** @returns false if the change is old, a duplicate, or has no room (it stays unacknowledged then) */
  accepts(sequenceNumber: SequenceNumber): boolean {
    return sequenceNumber >= this.expected && !this.cache.has(sequenceNumber);
  }

  store(change: ReceivedChange): boolean {
    const octets = change.payload?.length ?? 0;
    const beyond = change.sequenceNumber - this.expected;
    if (beyond >= MAX_READER_CACHE_SAMPLES) return false;
    if (beyond > 0 && this.cacheOctets + octets > MAX_READER_CACHE_OCTETS) return false;
    this.cache.set(change.sequenceNumber, change);
    this.cacheOctets += octets;
    return true;
  }

  /** The change to be delivered next, if it is here; irrelevant ones are passed over. */
  next(): ReceivedChange | undefined {
    for (;;) {
      const change = this.cache.get(this.expected);
      if (change !== null) return change;
      this.advance();
    }
  }

  /** `expected` has been taken by the consumer. */
  delivered({ payload }: ReceivedChange): void {
    this.acknowledgement.delivered(payload?.length ?? 0);
    this.advance();
  }

  /** `expected` is done with. */
  advance(): void {
    const change = this.cache.get(this.expected);
    if (change !== undefined) {
      this.cache.delete(this.expected);
      this.cacheOctets -= change?.payload?.length ?? 0;
    }
    this.dropAssembly(this.expected);
    this.expected++;
    if (this.announced < this.expected - 1) this.announced = this.expected - 1;
  }

  /**
   * @returns the sample, if this fragment completes it
   */
  addFragment(frag: DataFrag, now: number): ReceivedChange | undefined {
    const { sequenceNumber } = frag;
    let assembly = this.assemblies.get(sequenceNumber);
    if (assembly === undefined) {
      assembly = this.openAssembly(frag, now);
      if (assembly === undefined) return undefined;
    }
    if (!assembly.add(frag, now)) return undefined;
    this.dropAssembly(sequenceNumber);
    return {
      writer: this,
      sequenceNumber,
      payload: assembly.buffer,
      keyOnly: assembly.keyOnly,
      inlineQos: assembly.inlineQos,
    };
  }

  /** Fragments that will never be put together here: their sample is passed over as if it had been lost. */
  refuses(frag: DataFrag): boolean {
    if (frag.sampleSize <= MAX_SAMPLE_OCTETS && frag.fragmentSize >= MIN_FRAGMENT_OCTETS) return false;
    if (this.reliable) this.irrelevant(frag.sequenceNumber, frag.sequenceNumber + 1);
    else this.skipTo(frag.sequenceNumber + 1);
    return true;
  }

  private openAssembly(frag: DataFrag, now: number): FragmentAssembly | undefined {
    if (frag.sequenceNumber - this.expected >= MAX_READER_CACHE_SAMPLES && this.reliable) return undefined;
    if (this.assemblies.size >= MAX_REASSEMBLIES_PER_WRITER) {
      // Best effort: the oldest will not be completed. Reliable: the newest is asked for again later.
      const victim = this.reliable
        ? Math.max(...this.assemblies.keys())
        : Math.min(...this.assemblies.keys());
      if (this.reliable && victim < frag.sequenceNumber) return undefined;
      this.dropAssembly(victim);
    }
    if (!this.budget.take(frag.sampleSize)) return undefined;
    const assembly = new FragmentAssembly(frag, now);
    this.assemblies.set(frag.sequenceNumber, assembly);
    return assembly;
  }

  private dropAssembly(sequenceNumber: SequenceNumber): void {
    const assembly = this.assemblies.get(sequenceNumber);
    if (assembly === undefined) return;
    this.assemblies.delete(sequenceNumber);
    this.budget.give(assembly.buffer.length);
  }

  /** Best effort: all up to `sequenceNumber` is over. */
  skipTo(next: SequenceNumber): void {
    for (const partial of [...this.assemblies.keys()]) if (partial < next) this.dropAssembly(partial);
    this.expected = next;
  }

  /** @returns false if it is a duplicate */
  onHeartbeat(heartbeat: Heartbeat): boolean {
    if (heartbeat.count <= this.lastHeartbeat) return false;
    this.lastHeartbeat = heartbeat.count;
    this.announced = Math.max(this.announced, heartbeat.last);
    return true;
  }

  /** What is below `first` can no longer be had (8.4.12.1, LOST). Whatever of it is here is delivered first. */
  lose(first: SequenceNumber): void {
    if (first <= this.expected) return;
    for (const sequenceNumber of [...this.assemblies.keys()]) {
      if (sequenceNumber < first) this.dropAssembly(sequenceNumber);
    }
    const next = Math.min(first, ...this.cache.keys());
    if (next > this.expected) this.expected = next;
    this.announced = Math.max(this.announced, this.expected - 1);
  }

  onGap(gap: Gap): void {
    const { base, members } = gap.list;
    if (gap.start <= this.expected) {
      // Changes that are here already were sent, so they are not irrelevant: only holes are closed.
      this.irrelevant(this.expected, base);
    } else {
      this.irrelevant(gap.start, base);
    }
    for (const member of members) this.irrelevant(member, member + 1);
    this.announced = Math.max(this.announced, base - 1, members.at(-1) ?? 0);
  }

  private irrelevant(from: SequenceNumber, end: SequenceNumber): void {
    if (from <= this.expected && this.cache.size === 0) {
      if (end > this.expected) this.skipTo(end);
      return;
    }
    const windowEnd = Math.min(end, this.expected + MAX_READER_CACHE_SAMPLES);
    for (let at = Math.max(from, this.expected); at < windowEnd; at++) {
      if (this.cache.has(at)) continue;
      this.dropAssembly(at);
      this.cache.set(at, null);
    }
  }

  /** Numbers to be asked for: announced, not here, and with room for them. */
  missing(): SequenceNumber[] {
    const missing: SequenceNumber[] = [];
    const full = this.cacheOctets >= MAX_READER_CACHE_OCTETS;
    const end = Math.min(this.announced, this.expected + (full ? 0 : MAX_READER_CACHE_SAMPLES - 1));
    for (let at = this.expected; at <= end; at++) {
      if (!this.cache.has(at) && !this.assemblies.has(at)) missing.push(at);
    }
    return missing;
  }

  get incomplete(): boolean {
    return this.assemblies.size > 0;
  }

  /** Asks for the fragments of samples of which nothing has arrived since `quietSince`. */
  requestFragments(quietSince: number): void {
    let budget = MAX_NACK_FRAGS;
    for (const [sequenceNumber, assembly] of this.assemblies) {
      if (assembly.touchedAt > quietSince) continue;
      for (const missing of assembly.missingSets()) {
        if (budget-- === 0) return;
        this.acknowledgement.requestFragments(sequenceNumber, missing);
      }
    }
  }

  /** Asks for what is missing of the fragments that a sample's writer says it has sent so far. */
  onHeartbeatFrag(heartbeat: HeartbeatFrag): void {
    const { sequenceNumber, lastFragment, count } = heartbeat;
    if (count <= this.lastHeartbeatFrag) return;
    this.lastHeartbeatFrag = count;
    this.announced = Math.max(this.announced, sequenceNumber);
    let budget = MAX_NACK_FRAGS;
    for (const missing of this.assemblies.get(sequenceNumber)?.missingSets(lastFragment) ?? []) {
      if (budget-- === 0) return;
      this.acknowledgement.requestFragments(sequenceNumber, missing);
    }
  }

  close(): void {
    this.acknowledgement.close();
    for (const sequenceNumber of [...this.assemblies.keys()]) this.dropAssembly(sequenceNumber);
    this.cache.clear();
  }
}
