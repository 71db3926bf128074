import { encodeData } from "../messages/data.js";
import { encodeDataFragHead } from "../messages/data-frag.js";
import { encodeGap } from "../messages/gap.js";
import { encodeHeartbeat } from "../messages/heartbeat.js";
import { encodeHeartbeatFrag } from "../messages/heartbeat-frag.js";
import type { EntityId } from "../structure/guid.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import type { CacheChange } from "./history-cache.js";
import { Route } from "./route.js";

/** Upper bounds of what the submessages take in a datagram, INFO_TS included; a DATA has its payload besides. */
const DATA_OVERHEAD = 160;
const GAP_OCTETS = 40;
export const HEARTBEAT_OCTETS = 32;
/** Samples from this size on are subject to the route's bursts. */
const PACED_FROM = 8 * 1024;

/**
 * The submessages of one writer to one reader (DDSI-RTPS 2.5, 8.3.8), on their way out: writes them into the datagrams of
 * the reader's route, counts those that have a count, and keeps to the route's bursts. What is to be said is
 * ReaderProxy's to know.
 */
export class SubmessageSender {
  private heartbeatCount = 0;
  private heartbeatFragCount = 0;

  /** @param resume called when there is room again for a sample or fragment that found none */
  constructor(
    private readonly readerId: EntityId,
    private readonly writerId: EntityId,
    private readonly route: Route,
    private readonly resume: () => void,
  ) {}

  /** Whether a sample goes in one DATA. */
  fits(change: CacheChange): boolean {
    return change.data.length <= this.route.fragmentSize;
  }

  /** DATA_FRAGs of a sample that does not fit. */
  fragmentCount(change: CacheChange): number {
    return Math.ceil(change.data.length / this.route.fragmentSize);
  }

  /** @returns false if the route has to be waited for */
  data(change: CacheChange): boolean {
    const octets = change.data.length;
    if (octets >= PACED_FROM && !this.route.admit(octets, this.resume)) return false;
    const out = this.route.begin(octets + DATA_OVERHEAD);
    this.route.stamp(change.epochMs);
    const outside = Route.lies(octets);
    encodeData(out, this.describe(change), outside);
    if (outside) this.route.append(change.data);
    return true;
  }

  /**
   * @param fragment 0-based
   * @returns as {@link data}
   */
  dataFrag(change: CacheChange, fragment: number): boolean {
    const fragmentSize = this.route.fragmentSize;
    const payload = change.data.subarray(fragment * fragmentSize, (fragment + 1) * fragmentSize);
    if (!this.route.admit(payload.length, this.resume)) return false;
    const out = this.route.begin(payload.length + DATA_OVERHEAD);
    this.route.stamp(change.epochMs);
    encodeDataFragHead(out, {
      ...this.describe(change),
      kind: "dataFrag",
      firstFragment: fragment + 1,
      fragmentCount: 1,
      fragmentSize,
      sampleSize: change.data.length,
      payload,
    });
    this.route.append(payload);
    return true;
  }

  /** The changes from `start` up to `end - 1` are not for this reader, or are no longer there. */
  gap(start: SequenceNumber, end: SequenceNumber): void {
    encodeGap(this.route.begin(GAP_OCTETS), {
      kind: "gap",
      readerId: this.readerId,
      writerId: this.writerId,
      start,
      list: { base: end, members: [] },
    });
  }

  heartbeat(first: SequenceNumber, last: SequenceNumber): void {
    encodeHeartbeat(this.route.begin(HEARTBEAT_OCTETS), {
      kind: "heartbeat",
      readerId: this.readerId,
      writerId: this.writerId,
      first,
      last,
      count: ++this.heartbeatCount,
      final: false,
      liveliness: false,
    });
  }

  heartbeatFrag(sequenceNumber: SequenceNumber, lastFragment: number): void {
    encodeHeartbeatFrag(this.route.begin(HEARTBEAT_OCTETS), {
      kind: "heartbeatFrag",
      readerId: this.readerId,
      writerId: this.writerId,
      sequenceNumber,
      lastFragment,
      count: ++this.heartbeatFragCount,
    });
  }

  private describe(change: CacheChange) {
    return {
      kind: "data",
      readerId: this.readerId,
      writerId: this.writerId,
      sequenceNumber: change.sequenceNumber,
      payload: change.data,
      keyOnly: change.disposed,
      ...(change.inlineQos && { inlineQos: change.inlineQos }),
    } as const;
  }
}
