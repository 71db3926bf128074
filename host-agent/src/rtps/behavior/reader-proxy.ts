import { MAX_UNCONFIRMED_SAMPLES } from "../limits.js";
import type { AckNack } from "../messages/acknack.js";
import type { NackFrag } from "../messages/nack-frag.js";
import { type EntityId, type Guid, guidToBytes } from "../structure/guid.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import { VENDOR_ROSEHIP, vendorOf } from "../structure/vendor-id.js";
import type { CacheChange, HistoryCache } from "./history-cache.js";
import type { Route } from "./route.js";
import { HEARTBEAT_OCTETS, SubmessageSender } from "./submessage-sender.js";

/** So many samples further on a HEARTBEAT is added, for an answer long before the window closes. */
const HEARTBEAT_EVERY = MAX_UNCONFIRMED_SAMPLES / 4;

/** What is to be sent again of one sample: all of it, or fragments (0-based). */
interface Repair {
  readonly fragments: Set<number> | undefined;
  /** The next fragment, if all are to be sent. */
  next: number;
}

/**
 * A matched reader as its writer sees it (DDSI-RTPS 2.5, 8.4.7.5).
 *
 * Below `start` nothing concerns this reader. From there up to `nextUnsent - 1` changes have been sent; the
 * reader has confirmed those below `ackedBelow`; the ones in `repairs` it asked for again. `nextUnsent` lags
 * behind the history only while a large sample waits for the route, or the reader has yet to confirm
 * {@link MAX_UNCONFIRMED_SAMPLES} of those it can still get.
 * Invariant: start <= nextUnsent <= history.last + 1 and ackedBelow <= nextUnsent.
 */
export class ReaderProxy {
  /** False until the first ACKNACK: the reader may not have discovered the writer yet. */
  heard = false;
  ackedBelow: SequenceNumber = 0;
  private nextUnsent: SequenceNumber;
  /** The next fragment of `nextUnsent`, if it is being sent in fragments. */
  private nextFragment = 0;
  /** From here up to `nextUnsent - 1` all is irrelevant to the reader, which has not been told. */
  private untold: SequenceNumber | undefined;
  private readonly repairs = new Map<SequenceNumber, Repair>();
  private lastAckNack = -1;
  private lastNackFrag = -1;
  private closed = false;
  private readonly guidBytes: Uint8Array;
  private readonly sender: SubmessageSender;

  /**
   * @param start the first sequence number the reader is to get
   * @param durable the reader is to get old samples as well
   */
  constructor(
    readonly guid: Guid,
    readonly reliable: boolean,
    readonly route: Route,
    writerId: EntityId,
    private readonly history: HistoryCache,
    readonly start: SequenceNumber,
    private readonly durable: boolean,
  ) {
    this.nextUnsent = start;
    this.guidBytes = guidToBytes(guid);
    route.retain();
    this.sender = new SubmessageSender(guid.entityId, writerId, route, this.pump);
  }

  /** Nothing below is needed for this reader any more. */
  get releasableBelow(): SequenceNumber {
    return this.reliable ? this.ackedBelow : this.nextUnsent;
  }

  /** The history has something, sent already or not, that the reader has not confirmed. */
  get unacknowledged(): boolean {
    return this.reliable && (!this.heard || this.ackedBelow <= this.history.last);
  }

  /** Something that was sent waits for its confirmation, or the reader has never been heard of. */
  get owesAnswer(): boolean {
    return this.reliable && (!this.heard || this.ackedBelow < this.nextUnsent);
  }

  /** How many changes wait for the route or for the reader. */
  get backlog(): number {
    return this.history.last + 1 - this.nextUnsent;
  }

  /** Sends what was asked for again and what was not sent yet, as far as the route and the reader admit. */
  readonly pump = (): void => {
    if (this.closed) return;
    const [asked, from] = [this.repairs.size, this.nextUnsent];
    if (!this.sendRepairs() || !this.sendUnsent()) return;
    // Only along with something new: a HEARTBEAT for nothing would be answered, and the answer lead here again.
    if (this.unacknowledged && (asked > 0 || this.nextUnsent > from)) this.route.onFlush(this.heartbeat);
  };

  /** Tells the reader what it can have (8.4.9.2.7); never of what has not been sent yet. */
  readonly heartbeat = (): void => {
    if (this.closed) return;
    const first = Math.min(Math.max(this.history.first, this.start), this.nextUnsent);
    this.sender.heartbeat(first, this.nextUnsent - 1);
  };

  /** Tells the reader which fragments of the sample that is under way it should have (8.3.8.7). */
  heartbeatFrag(): void {
    if (this.closed || this.nextFragment === 0) return;
    this.sender.heartbeatFrag(this.nextUnsent, this.nextFragment);
  }

  /** @returns false if it was a duplicate */
  onAckNack(acknack: AckNack): boolean {
    const { base, members } = acknack.state;
    if (this.heard && this.isGreeting(acknack)) this.restart();
    else if (acknack.count <= this.lastAckNack) return false;
    this.lastAckNack = acknack.count;
    // Base 0 is how Fast DDS asks for a first HEARTBEAT; it acknowledges nothing and says nothing else.
    if (base > 0) this.heard = true;
    this.ackedBelow = Math.max(this.ackedBelow, Math.min(base, this.nextUnsent));
    for (const asked of this.repairs.keys()) if (asked < base) this.repairs.delete(asked);
    for (const member of members) {
      if (member >= this.nextUnsent || member < 1) continue;
      if (this.repairs.get(member)?.fragments !== undefined || !this.repairs.has(member)) {
        this.repairs.set(member, { fragments: undefined, next: 0 });
      }
    }
    if (members.length > 0 || this.backlog > 0) this.pump();
    if (members.length === 0 && !acknack.final) this.route.onFlush(this.answer());
    return true;
  }

  onNackFrag(nack: NackFrag): void {
    if (nack.count <= this.lastNackFrag) return;
    this.lastNackFrag = nack.count;
    const { sequenceNumber } = nack;
    // Fragments that have not been sent yet get there without being asked for.
    if (sequenceNumber > this.nextUnsent) return;
    const sent = sequenceNumber < this.nextUnsent ? Number.POSITIVE_INFINITY : this.nextFragment;
    let repair = this.repairs.get(sequenceNumber);
    if (repair === undefined) {
      repair = { fragments: new Set(), next: 0 };
      this.repairs.set(sequenceNumber, repair);
    }
    for (const member of nack.missing.members) if (member <= sent) repair.fragments?.add(member - 1);
    this.pump();
  }

  /** The first ACKNACK of a reader, as WriterProxy.greet sends it. Others may send such a one at any time. */
  private isGreeting({ state, final }: AckNack): boolean {
    if (final || state.members.length > 0) return false;
    return state.base === 0 || (state.base === 1 && vendorOf(this.guid.prefix) === VENDOR_ROSEHIP);
  }

  /**
   * The reader greets us although it has been heard before: it had lost sight of this participant, while it
   * was seen here all the time, and begins anew.
   */
  private restart(): void {
    this.repairs.clear();
    this.lastNackFrag = -1;
    if (!this.durable) return;
    this.ackedBelow = 0;
    this.nextUnsent = this.start;
    this.nextFragment = 0;
    this.untold = undefined;
    this.pump();
  }

  close(): void {
    if (!this.closed) this.route.release();
    this.closed = true;
  }

  /** A HEARTBEAT of its own datagram, unless other traffic takes it along. */
  private answer(): () => void {
    this.route.begin(HEARTBEAT_OCTETS);
    return this.heartbeat;
  }

  /** The first sequence number that is too far ahead: what is no longer kept needs no confirmation. */
  private get windowEnd(): SequenceNumber {
    if (!this.reliable) return Number.POSITIVE_INFINITY;
    return Math.max(this.ackedBelow, this.start, this.history.first) + MAX_UNCONFIRMED_SAMPLES;
  }

  /** @returns false if the route has to be waited for */
  private sendUnsent(): boolean {
    for (const end = this.windowEnd; this.nextUnsent <= this.history.last && this.nextUnsent < end; ) {
      if (this.reliable && this.nextUnsent % HEARTBEAT_EVERY === 0) this.route.onFlush(this.heartbeat);
      const change = this.relevant(this.nextUnsent);
      if (change === undefined) {
        this.skipIrrelevant();
        continue;
      }
      this.tell();
      if (this.sender.fits(change)) {
        if (!this.sender.data(change)) return false;
        this.nextUnsent++;
      } else {
        const count = this.sender.fragmentCount(change);
        for (; this.nextFragment < count; this.nextFragment++) {
          if (!this.sender.dataFrag(change, this.nextFragment)) return false;
        }
        this.nextUnsent++;
        this.nextFragment = 0;
      }
    }
    return true;
  }

  /**
   * Passes over changes that are not for this reader. One that waits for nothing else hears of them before the next
   * change it is to get: others' replies cost a service client nothing.
   */
  private skipIrrelevant(): void {
    const end = this.nextRelevant(this.nextUnsent);
    this.untold ??= this.nextUnsent;
    const waits = !this.heard || this.ackedBelow < this.nextUnsent;
    this.nextUnsent = end;
    this.nextFragment = 0;
    if (waits || end <= this.history.last) this.tell();
    else this.ackedBelow = end;
  }

  private tell(): void {
    if (this.untold !== undefined) this.gap(this.untold, this.nextUnsent);
    this.untold = undefined;
  }

  private sendRepairs(): boolean {
    for (const [sequenceNumber, repair] of this.repairs) {
      const change = sequenceNumber < this.start ? undefined : this.relevant(sequenceNumber);
      if (change === undefined && sequenceNumber >= this.nextUnsent) {
        // It was dropped on its way: sendUnsent says so.
        this.repairs.delete(sequenceNumber);
      } else if (change === undefined) {
        const end = Math.min(this.nextUnsent, this.nextRelevant(Math.max(this.start, sequenceNumber)));
        this.gap(sequenceNumber, end);
        for (const asked of this.repairs.keys()) {
          if (asked >= sequenceNumber && asked < end) this.repairs.delete(asked);
        }
      } else if (this.sender.fits(change)) {
        if (!this.sender.data(change)) return false;
        this.repairs.delete(sequenceNumber);
      } else {
        if (!this.sendFragments(change, repair)) return false;
        this.repairs.delete(sequenceNumber);
      }
    }
    return true;
  }

  /** The change if it is kept and for this reader. */
  private relevant(sequenceNumber: SequenceNumber): CacheChange | undefined {
    const change = this.history.get(sequenceNumber);
    return change?.to === undefined || change.to(this.guidBytes) ? change : undefined;
  }

  /** The lowest relevant sequence number from `from` on, `last + 1` if none. */
  private nextRelevant(from: SequenceNumber): SequenceNumber {
    let at = this.history.next(from);
    while (at <= this.history.last && this.relevant(at) === undefined) at = this.history.next(at + 1);
    return at;
  }

  private sendFragments(change: CacheChange, repair: Repair): boolean {
    const count = this.sender.fragmentCount(change);
    if (repair.fragments === undefined) {
      for (; repair.next < count; repair.next++) if (!this.sender.dataFrag(change, repair.next)) return false;
      return true;
    }
    for (const fragment of repair.fragments) {
      if (fragment < count && !this.sender.dataFrag(change, fragment)) return false;
      repair.fragments.delete(fragment);
    }
    return true;
  }

  private gap(start: SequenceNumber, end: SequenceNumber): void {
    if (this.reliable) this.sender.gap(start, end);
  }
}
