import { RosehipError } from "../../errors.js";
import {
  MAX_BEST_EFFORT_BACKLOG,
  MAX_KEEP_ALL_SAMPLES,
  MAX_SAMPLE_OCTETS,
  MAX_WRITER_HISTORY_OCTETS,
} from "../limits.js";
import type { AckNack } from "../messages/acknack.js";
import type { InlineQos } from "../messages/inline-qos.js";
import type { NackFrag } from "../messages/nack-frag.js";
import { type Guid, guidKey } from "../structure/guid.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import { type CacheChange, HistoryCache } from "./history-cache.js";
import { ReaderProxy } from "./reader-proxy.js";
import type { Route } from "./route.js";
import type { Scheduler, Task } from "./scheduler.js";

export interface WriterOptions {
  readonly guid: Guid;
  readonly reliable: boolean;
  /** Late joiners get what the history holds. */
  readonly transientLocal: boolean;
  /** Samples kept (per instance for keyed writers); undefined is KEEP_ALL up to the limits. */
  readonly depth: number | undefined;
  /** LIFESPAN in milliseconds: older samples are neither sent nor repeated. */
  readonly lifespanMs?: number;
}

export interface MatchedReader {
  readonly guid: Guid;
  readonly reliable: boolean;
  readonly transientLocal: boolean;
  readonly route: Route;
}

/** First interval of HEARTBEATs that wait for an answer; it doubles up to the second. */
const HEARTBEAT_MS = 30;
const HEARTBEAT_MAX_MS = 1000;

/**
 * A writer with per-reader state (DDSI-RTPS 2.5, 8.4.9), for reliable and best-effort readers alike. Samples
 * go out inside `write`, each followed by one HEARTBEAT per datagram; while a reader owes an acknowledgement
 * HEARTBEATs are repeated ever more slowly. Idle writers have no timer.
 */
export class StatefulWriter {
  readonly history = new HistoryCache();
  private readonly readers = new Map<string, ReaderProxy>();
  private readonly heartbeats: Task;
  private readonly expiry: Task | undefined;
  private interval = HEARTBEAT_MS;
  /** `write` returned undefined and `onSpace` has not been called since. */
  private blocked = false;
  /** Called when a full KEEP_ALL history has room again. */
  onSpace: (() => void) | undefined;

  constructor(
    readonly options: WriterOptions,
    private readonly scheduler: Scheduler,
  ) {
    this.heartbeats = scheduler.task(() => this.repeatHeartbeats());
    this.expiry = options.lifespanMs === undefined ? undefined : scheduler.task(() => this.expire());
  }

  get matchedCount(): number {
    return this.readers.size;
  }

  /** Adds a matched reader and sends it the history if it is to have it. */
  match(reader: MatchedReader): void {
    const old = this.options.transientLocal && reader.transientLocal;
    const start = old ? this.history.first : this.history.last + 1;
    const reliable = this.options.reliable && reader.reliable;
    const proxy = new ReaderProxy(
      reader.guid,
      reliable,
      reader.route,
      this.options.guid.entityId,
      this.history,
      start,
      old,
    );
    this.readers.set(guidKey(reader.guid), proxy);
    proxy.pump();
    if (reliable) {
      reader.route.begin(0);
      reader.route.onFlush(proxy.heartbeat);
      this.expectAnswer();
    }
  }

  unmatch(reader: Guid): void {
    const key = guidKey(reader);
    this.readers.get(key)?.close();
    if (this.readers.delete(key)) this.release();
  }

  /**
   * Adds a sample and sends it.
   * @param data with encapsulation header; taken over, not copied
   * @param instance key of a keyed topic's instance
   * @param to see {@link CacheChange.to}
   * @returns its sequence number, or undefined if the history is KEEP_ALL and full
   * @throws NETWORK_SAMPLE_TOO_LARGE
   */
  write(
    data: Uint8Array,
    inlineQos?: InlineQos,
    instance?: string,
    disposed = false,
    to?: CacheChange["to"],
  ): SequenceNumber | undefined {
    if (data.length > MAX_SAMPLE_OCTETS) {
      throw new RosehipError(
        "NETWORK_SAMPLE_TOO_LARGE",
        `a sample of ${data.length} octets is over the limit of ${MAX_SAMPLE_OCTETS}`,
        { remedy: "Split it into smaller messages." },
      );
    }
    if (!this.makeRoom(data.length, instance !== undefined)) {
      this.blocked = true;
      return undefined;
    }
    const sequenceNumber = this.history.last + 1;
    const { clock } = this.scheduler;
    this.history.add({
      sequenceNumber,
      data,
      disposed,
      epochMs: clock.epoch(),
      writtenAt: clock.now(),
      ...(inlineQos && { inlineQos }),
      ...(instance !== undefined && { instance }),
      ...(to && { to }),
    });
    for (const reader of this.readers.values()) {
      // Without a backlog the new change goes straight out; with one, the route's next burst takes it along.
      if (reader.backlog === 1) reader.pump();
    }
    this.release();
    if (this.options.lifespanMs !== undefined) this.expiry?.within(this.options.lifespanMs);
    this.expectAnswer();
    return sequenceNumber;
  }

  onAckNack(source: Guid, acknack: AckNack): void {
    const reader = this.readers.get(guidKey(source));
    if (reader === undefined) return;
    const before = reader.releasableBelow;
    if (!reader.onAckNack(acknack)) return;
    if (reader.releasableBelow < before) this.expectAnswer();
    if (reader.releasableBelow > before) {
      this.interval = HEARTBEAT_MS;
      this.release();
    }
  }

  onNackFrag(source: Guid, nack: NackFrag): void {
    this.readers.get(guidKey(source))?.onNackFrag(nack);
  }

  /** Every reliable reader has confirmed everything. */
  get acknowledged(): boolean {
    for (const reader of this.readers.values()) if (reader.unacknowledged) return false;
    return true;
  }

  close(): void {
    this.heartbeats.cancel();
    this.expiry?.cancel();
    for (const reader of this.readers.values()) reader.close();
    this.readers.clear();
  }

  /** Evicts (KEEP_LAST) or refuses (KEEP_ALL) so that one more sample fits. */
  private makeRoom(octets: number, keyed: boolean): boolean {
    const { history } = this;
    const { depth } = this.options;
    const overOctets = () => history.size > 0 && history.octets + octets > MAX_WRITER_HISTORY_OCTETS;
    if (depth !== undefined) {
      // A keyed history keeps its depth of 1 per instance by replacing (HistoryCache.add).
      while (overOctets() || (!keyed && history.size >= depth)) history.removeFirst();
      return true;
    }
    const full = () => overOctets() || history.size >= MAX_KEEP_ALL_SAMPLES;
    // Acknowledged samples that are kept for late joiners give way to new ones.
    const free = this.releasableBelow();
    while (full() && history.first < free) history.removeFirst();
    return !full();
  }

  private releasableBelow(): SequenceNumber {
    let below = this.history.last + 1;
    for (const reader of this.readers.values()) below = Math.min(below, reader.releasableBelow);
    return below;
  }

  /** Drops what nobody needs any more; late joiners need what TRANSIENT_LOCAL keeps, except disposals. */
  private release(): void {
    if (!this.options.reliable) {
      for (const reader of this.readers.values()) {
        if (reader.backlog > MAX_BEST_EFFORT_BACKLOG) this.history.removeFirst();
      }
    }
    const keep = this.options.transientLocal;
    this.history.removeBelow(this.releasableBelow(), (change) => !keep || change.disposed);
    this.unblock();
  }

  private unblock(): void {
    if (!this.blocked || !this.makeRoom(0, false)) return;
    this.blocked = false;
    this.onSpace?.();
  }

  private expectAnswer(): void {
    if (!this.options.reliable || this.readers.size === 0) return;
    this.interval = HEARTBEAT_MS;
    this.heartbeats.within(HEARTBEAT_MS);
  }

  private repeatHeartbeats(): void {
    let waiting = false;
    for (const reader of this.readers.values()) {
      if (!reader.unacknowledged) continue;
      waiting = true;
      if (reader.owesAnswer) reader.heartbeat();
      reader.heartbeatFrag();
    }
    if (!waiting) return;
    this.heartbeats.after(this.interval);
    this.interval = Math.min(this.interval * 2, HEARTBEAT_MAX_MS);
  }

  private expire(): void {
    const lifespan = this.options.lifespanMs as number;
    const now = this.scheduler.clock.now();
    for (const change of this.history.values()) {
      const left = change.writtenAt + lifespan - now;
      if (left > 0) {
        this.expiry?.after(left);
        break;
      }
      this.history.remove(change.sequenceNumber);
    }
    this.unblock();
  }
}
