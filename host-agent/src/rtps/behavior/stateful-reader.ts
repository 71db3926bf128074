import type { Data } from "../messages/data.js";
import type { DataFrag } from "../messages/data-frag.js";
import type { Gap } from "../messages/gap.js";
import type { Heartbeat } from "../messages/heartbeat.js";
import type { HeartbeatFrag } from "../messages/heartbeat-frag.js";
import { type Guid, guidKey, guidToBytes } from "../structure/guid.js";
import { REPAIR_MS } from "./acknowledgement.js";
import type { ReassemblyBudget } from "./fragment-assembly.js";
import type { Route } from "./route.js";
import type { Scheduler, Task } from "./scheduler.js";
import { type ReceivedChange, WriterProxy } from "./writer-proxy.js";

/** What writers send to readers. */
export type WriterSubmessage = Data | DataFrag | Heartbeat | HeartbeatFrag | Gap;

export interface ReaderOptions {
  readonly guid: Guid;
  readonly reliable: boolean;
}

/** First interval at which missing changes are asked for again without a HEARTBEAT; it doubles up to the last. */
const RETRY_MS = 40;
const RETRY_MAX_MS = 1000;
/** A sample whose fragments keep arriving is left alone; after this much silence the rest is asked for. */
const QUIET_MS = 8;
/** First ACKNACKs to a writer that does not answer: they end after 9 s. */
const MAX_GREETINGS = 12;

interface Matched {
  readonly proxy: WriterProxy;
  readonly retry: Task;
  interval: number;
  greetings: number;
}

/**
 * A reader with per-writer state (DDSI-RTPS 2.5, 8.4.12), for reliable and best-effort writers alike. Changes
 * of one writer are delivered in order. Every HEARTBEAT that asks for it is answered, at once if something is
 * missing; that is asked for again on a timer of our own, because some writers repeat their HEARTBEAT only
 * every 3 s.
 */
export class StatefulReader {
  private readonly writers = new Map<string, Matched>();
  /** Called for each fragment of a sample that is over the limits and therefore lost. */
  onRefused: ((writer: Guid, sampleOctets: number) => void) | undefined;

  /** @param deliver returns false if the change cannot be taken now (see NetworkReader.resume) */
  constructor(
    readonly options: ReaderOptions,
    private readonly scheduler: Scheduler,
    private readonly budget: ReassemblyBudget,
    private readonly deliver: (change: ReceivedChange) => boolean,
  ) {}

  get matchedCount(): number {
    return this.writers.size;
  }

  /** Keys of the matched writers that are reliable. */
  reliableWriters(): string[] {
    return [...this.writers].filter(([, { proxy }]) => proxy.reliable).map(([key]) => key);
  }

  match(writer: { readonly guid: Guid; readonly reliable: boolean; readonly route: Route }): void {
    const reliable = this.options.reliable && writer.reliable;
    const { entityId } = this.options.guid;
    const bytes = guidToBytes(writer.guid);
    const proxy = new WriterProxy(writer.guid, bytes, reliable, writer.route, entityId, this.budget);
    const matched: Matched = {
      proxy,
      interval: RETRY_MS,
      greetings: 0,
      retry: this.scheduler.task(() => this.retry(matched)),
    };
    this.writers.set(guidKey(writer.guid), matched);
    if (reliable) this.greet(matched);
  }

  unmatch(writer: Guid): void {
    const key = guidKey(writer);
    const matched = this.writers.get(key);
    if (matched === undefined) return;
    matched.retry.cancel();
    matched.proxy.close();
    this.writers.delete(key);
  }

  /**
   * Handles what a writer says; nothing happens if it is not matched.
   * @param writer `guidKey` of the writer
   */
  receive(writer: string, submessage: WriterSubmessage): void {
    const matched = this.writers.get(writer);
    if (matched === undefined) return;
    if (!matched.proxy.heard) {
      matched.proxy.heard = true;
      matched.interval = RETRY_MS;
    }
    switch (submessage.kind) {
      case "data":
        this.onData(matched, submessage);
        break;
      case "dataFrag":
        this.onDataFrag(matched, submessage);
        break;
      case "heartbeat":
        this.onHeartbeat(matched, submessage);
        break;
      case "heartbeatFrag":
        this.onHeartbeatFrag(matched, submessage);
        break;
      case "gap":
        this.onGap(matched, submessage);
        break;
    }
  }

  private onData(matched: Matched, data: Data): void {
    if (!matched.proxy.accepts(data.sequenceNumber)) return;
    this.accept(matched, {
      writer: matched.proxy,
      sequenceNumber: data.sequenceNumber,
      payload: data.payload,
      keyOnly: data.keyOnly,
      inlineQos: data.inlineQos,
    });
  }

  private onDataFrag(matched: Matched, frag: DataFrag): void {
    if (!matched.proxy.accepts(frag.sequenceNumber)) return;
    const { proxy } = matched;
    if (proxy.refuses(frag)) {
      this.onRefused?.(proxy.guid, frag.sampleSize);
      this.drain(proxy);
      return;
    }
    proxy.announced = Math.max(proxy.announced, frag.sequenceNumber);
    const change = proxy.addFragment(frag, this.scheduler.clock.now());
    if (change !== undefined) this.accept(matched, change);
    else if (proxy.reliable) matched.retry.within(RETRY_MS);
  }

  private onHeartbeat(matched: Matched, heartbeat: Heartbeat): void {
    const { proxy } = matched;
    if (!proxy.reliable || !proxy.onHeartbeat(heartbeat)) return;
    this.loseBelow(proxy, heartbeat.first);
    const missing = proxy.missing();
    const now = this.scheduler.clock.now();
    const allAsked = missing.length === 0 || proxy.acknowledgement.request(missing, now);
    if (missing.length === 0 && !heartbeat.final) proxy.acknowledgement.confirm();
    if (proxy.incomplete) matched.retry.within(QUIET_MS);
    // What was asked for a moment ago is left alone, but not for long: this HEARTBEAT may be all that came of it.
    else if (missing.length > 0) matched.retry.within(allAsked ? matched.interval : REPAIR_MS);
    else matched.retry.cancel();
  }

  private onHeartbeatFrag(matched: Matched, heartbeat: HeartbeatFrag): void {
    if (!matched.proxy.reliable) return;
    if (!matched.proxy.accepts(heartbeat.sequenceNumber)) return;
    matched.proxy.onHeartbeatFrag(heartbeat);
    matched.retry.within(matched.interval);
  }

  private onGap(matched: Matched, gap: Gap): void {
    if (!matched.proxy.reliable) return;
    matched.proxy.onGap(gap);
    this.drain(matched.proxy);
  }

  /** Offers what the consumer refused again. */
  resume(): void {
    for (const { proxy } of this.writers.values()) {
      if (!proxy.held) continue;
      proxy.held = false;
      this.drain(proxy);
      // The writer may be waiting for room: it learns of it now and not at its next HEARTBEAT.
      if (!proxy.held || proxy.acknowledgement.overdue) {
        proxy.acknowledgement.request(proxy.missing(), this.scheduler.clock.now());
      }
    }
  }

  close(): void {
    for (const { proxy, retry } of this.writers.values()) {
      retry.cancel();
      proxy.close();
    }
    this.writers.clear();
  }

  private accept(matched: Matched, change: ReceivedChange): void {
    const { proxy } = matched;
    if (!proxy.reliable) {
      proxy.skipTo(change.sequenceNumber + 1);
      this.deliver(change);
      return;
    }
    matched.interval = RETRY_MS;
    if (change.sequenceNumber === proxy.expected && !proxy.held && this.deliver(change)) {
      proxy.delivered(change);
      this.drain(proxy);
      return;
    }
    if (change.sequenceNumber === proxy.expected) proxy.held = true;
    proxy.store(change);
    if (change.sequenceNumber > proxy.expected) {
      proxy.announced = Math.max(proxy.announced, change.sequenceNumber);
      if (!proxy.held) matched.retry.within(RETRY_MS);
    }
  }

  private drain(proxy: WriterProxy): void {
    for (let change = proxy.held ? undefined : proxy.next(); change !== undefined; change = proxy.next()) {
      if (!this.deliver(change)) {
        proxy.held = true;
        return;
      }
      proxy.delivered(change);
    }
  }

  /** Delivers what is here of the changes below `first` and gives the rest up. */
  private loseBelow(proxy: WriterProxy, first: number): void {
    while (!proxy.held && proxy.expected < first) {
      proxy.lose(first);
      this.drain(proxy);
    }
  }

  /**
   * Asks for a HEARTBEAT, so that a late joiner gets the history at once; again for some seconds, because the
   * writer may not have discovered this reader yet.
   */
  private greet(matched: Matched): void {
    if (matched.greetings++ === MAX_GREETINGS) return;
    matched.proxy.acknowledgement.greet();
    matched.retry.after(matched.interval);
    matched.interval = Math.min(matched.interval * 2, RETRY_MAX_MS);
  }

  private retry(matched: Matched): void {
    const { proxy } = matched;
    if (!proxy.heard) {
      this.greet(matched);
      return;
    }
    const missing = proxy.missing();
    if (missing.length === 0 && !proxy.incomplete) return;
    const now = this.scheduler.clock.now();
    proxy.requestFragments(now - QUIET_MS + 1);
    if (missing.length > 0 && !proxy.acknowledgement.request(missing, now)) {
      matched.retry.after(REPAIR_MS);
      return;
    }
    matched.retry.after(matched.interval);
    matched.interval = Math.min(matched.interval * 2, RETRY_MAX_MS);
  }
}
