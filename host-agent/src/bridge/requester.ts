import { LIMITS } from "../limits.js";
import type { OnReply, RequesterEntity } from "../xrce/object/data-space.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import type { MatchedEndpoint, NetworkReader, NetworkWriter, Sample } from "./network.js";
import type { ServiceEnd } from "./service-end.js";

interface QueuedRequest {
  readonly requestId: number;
  readonly payload: Uint8Array;
  readonly expiresMs: number;
}

/** SEQUENCE_NUMBER_UNKNOWN (DDSI-RTPS 2.5, 9.3.2.4), as rmw_fastrtps writes it beside the reply reader's GUID. */
const SEQUENCE_NUMBER_UNKNOWN = -1n;

/**
 * A device's service client. Each request names this client's reply reader, so that servers can tell clients apart;
 * of the replies on the topic only those to its own requests are taken.
 *
 * Requests written before a server is there wait: until both the server's request reader and its reply writer have matched,
 * at most {@link LIMITS.queuedRequestMs}.
 */
export class Requester implements RequesterEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;
  private replyWriters = 0;
  private queue: QueuedRequest[] = [];
  private readonly expiry: Timer;
  /** Request id by sequence number on the network, oldest first. */
  private readonly outstanding = new Map<bigint, number>();

  constructor(
    private readonly end: ServiceEnd,
    private readonly context: BridgeContext,
    private readonly onReply: OnReply,
    private readonly onSpace: () => void,
  ) {
    this.expiry = context.timers.create(() => this.expire());
    const replies = end.listener(end.reply.topic);
    this.reader = end.node.createReader(end.reply, {
      ...replies,
      onSample: (sample) => this.offer(sample),
      onMatch: (remote: MatchedEndpoint, matched: boolean, total: number) => {
        this.replyWriters = total;
        replies.onMatch(remote, matched, total);
        this.flush();
      },
    });
    const requests = end.listener(end.request.topic);
    this.writer = end.node.createWriter(end.request, {
      ...requests,
      onSpace: () => {
        this.flush();
        this.onSpace();
      },
      onMatch: (remote: MatchedEndpoint, matched: boolean, total: number) => {
        requests.onMatch(remote, matched, total);
        this.flush();
      },
    });
  }

  request(requestId: number, payload: Uint8Array): boolean {
    if (this.serverReady && this.queue.length === 0) return this.send(requestId, payload);
    if (this.queue.length >= LIMITS.queuedRequests) {
      this.drop(`${LIMITS.queuedRequests} requests wait for a server already`);
      return true;
    }
    this.queue.push({
      requestId,
      payload: new Uint8Array(payload),
      expiresMs: this.now + LIMITS.queuedRequestMs,
    });
    if (!this.expiry.scheduled) this.expiry.schedule(LIMITS.queuedRequestMs);
    return true;
  }

  resume(): void {
    this.reader.resume();
  }

  close(): void {
    this.expiry.cancel();
    this.reader.close();
    this.writer.close();
  }

  private get now(): number {
    return this.context.timers.now();
  }

  private get serverReady(): boolean {
    return this.writer.matchedCount > 0 && this.replyWriters > 0;
  }

  private send(requestId: number, payload: Uint8Array): boolean {
    const related = { guid: this.reader.guid, sequenceNumber: SEQUENCE_NUMBER_UNKNOWN };
    const identity = this.writer.write(payload, related);
    if (identity === undefined) return false;
    this.outstanding.set(identity.sequenceNumber, requestId);
    if (this.outstanding.size > LIMITS.outstandingRequests) this.forgetOldest();
    return true;
  }

  private offer(sample: Sample): boolean {
    const { related } = sample;
    if (related === undefined) return true;
    const mine = sameGuid(related.guid, this.reader.guid) || sameGuid(related.guid, this.writer.guid);
    const requestId = mine ? this.outstanding.get(related.sequenceNumber) : undefined;
    if (requestId === undefined) return true; // another client's, or answered before
    if (!this.onReply(requestId, sample.payload, sample.littleEndian)) return false;
    this.outstanding.delete(related.sequenceNumber);
    return true;
  }

  private flush(): void {
    while (this.serverReady) {
      const first = this.queue[0];
      if (first === undefined || !this.trySend(first)) return;
      this.queue.shift();
    }
  }

  /** A request that can never be written is dropped: its caller is long gone from the stack. */
  private trySend({ requestId, payload }: QueuedRequest): boolean {
    try {
      return this.send(requestId, payload);
    } catch (error) {
      this.drop(error instanceof Error ? error.message : String(error));
      return true;
    }
  }

  private expire(): void {
    const { now } = this;
    const expired = this.queue.filter(({ expiresMs }) => expiresMs <= now).length;
    this.queue = this.queue.slice(expired);
    if (expired > 0) this.drop(`no server came within ${LIMITS.queuedRequestMs / 1000} s`, expired);
    const next = this.queue[0];
    if (next !== undefined) this.expiry.schedule(next.expiresMs - now);
  }

  private forgetOldest(): void {
    const [oldest] = this.outstanding.keys();
    if (oldest !== undefined) this.outstanding.delete(oldest);
    this.report(
      "reply_dropped",
      `more than ${LIMITS.outstandingRequests} requests are unanswered: the oldest is forgotten`,
    );
  }

  private drop(reason: string, count = 1): void {
    this.report("request_dropped", reason, count);
  }

  private report(type: "request_dropped" | "reply_dropped", reason: string, count = 1): void {
    const { clientKey, nodeName, serviceName } = this.end;
    this.context.report({ type, clientKey, node: nodeName, service: serviceName, count, reason });
  }
}

const sameGuid = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
