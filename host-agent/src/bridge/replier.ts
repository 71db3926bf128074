import { LIMITS } from "../limits.js";
import type { OnMatch, OnRequest, ReplierEntity, RequestIdentity } from "../xrce/object/data-space.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import {
  cycloneIdentity,
  isCyclone,
  isCycloneIdentity,
  readCycloneHeader,
  withCycloneHeader,
} from "./cyclone-service.js";
import { MatchedEnds, participantOf } from "./matched-ends.js";
import type { NetworkReader, NetworkWriter, Sample } from "./network.js";
import { guidName, ReplyReaders } from "./reply-readers.js";
import { type ServiceEnd, serviceListeners } from "./service-end.js";

/** Requests that come in this time after the device's session has ended are reported together. */
const LATE_REPORT_MS = 100;

interface EarlyReply {
  readonly identity: RequestIdentity;
  readonly payload: Uint8Array;
  readonly expiresMs: number;
}

/**
 * A device's service server: reads requests and writes replies. A request is known by the client's reply reader, if the
 * request says it (rmw_fastrtps does), or else by its writer, and by the request's own sequence number; its reply
 * carries the same as related_sample_identity. Requests of rmw_cyclonedds are told apart by their vendor, and
 * answered with their header.
 *
 * A reply goes to the client that asked and to no other: a reader of rmw_fastrtps or rmw_cyclonedds keeps the last 10 replies,
 * whoever they are for, and would lose its own among those to others before its process gets to take it.
 *
 * A request may come before its client's reply reader has been discovered, which would lose the reply: it waits for
 * that, at most {@link LIMITS.replyReaderMs}. So does the reply to a request of before the agent was started anew, at most
 * {@link LIMITS.earlyReplyMs}. What can't be answered is reported.
 */
export class Replier implements ReplierEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;
  private readonly clients: MatchedEnds;
  private readonly replyReaders = new ReplyReaders();
  /** Until when requests wait whose reply reader is not known yet, by the GUID of their writer. */
  private readonly waiting = new Map<string, number>();
  private readonly patience: Timer;
  private earlyReplies: EarlyReply[] = [];
  private readonly expiry: Timer;
  /** Requests that the device has been given and not answered, oldest first. */
  private readonly unanswered = new Set<string>();
  private closing = false;
  private lateRequests = 0;
  private readonly lateReport: Timer;

  constructor(
    private readonly end: ServiceEnd,
    private readonly context: BridgeContext,
    private readonly onRequest: OnRequest,
    onSpace: () => void,
    onMatch: OnMatch,
  ) {
    this.patience = context.timers.create(() => this.reader.resume());
    this.expiry = context.timers.create(() => this.expire());
    this.lateReport = context.timers.create(() => {
      this.dropRequests(this.lateRequests, "they came as the device's session ended");
      this.lateRequests = 0;
    });
    this.clients = new MatchedEnds(2, onMatch);
    const { request, reply } = serviceListeners(end, this.clients);
    this.writer = end.node.createWriter(end.reply, {
      ...reply,
      onMatch: (remote, matched, total) => {
        this.replyReaders.matched(remote, matched);
        reply.onMatch(remote, matched, total);
        this.flush();
        if (this.waiting.size > 0) this.reader.resume();
      },
      onSpace,
    });
    this.reader = end.node.createReader(end.request, {
      ...request,
      onMatch: (remote, matched, total) => {
        if (!matched && this.waiting.delete(guidName(remote.guid))) {
          this.dropRequests(1, "its client went before its reply reader was known");
        }
        request.onMatch(remote, matched, total);
        if (this.waiting.size > 0) this.reader.resume();
      },
      onSample: (sample) => this.offer(sample),
      onLate: () => {
        this.lateRequests++;
        if (!this.lateReport.scheduled) this.lateReport.schedule(LATE_REPORT_MS);
      },
    });
  }

  reply(identity: RequestIdentity, payload: Uint8Array): boolean {
    if (!this.tryReply(identity, payload)) return false;
    this.unanswered.delete(callName(identity));
    return true;
  }

  resume(): void {
    this.reader.resume();
  }

  close(): void {
    this.patience.cancel();
    this.expiry.cancel();
    this.closing = true;
    // What the device would not take yet is offered once more, to be counted.
    this.reader.resume();
    this.dropRequests(
      this.unanswered.size,
      "the device's session ended first; it may still answer those that it has when it is back",
    );
    this.dropReplies(this.earlyReplies.length, "the session ended before their client was found");
    this.reader.close();
    this.writer.close();
  }

  private offer(sample: Sample): boolean {
    if (!this.closing && !this.isReachable(sample)) return false;
    if (isCyclone(sample.writer.guid)) {
      const header = readCycloneHeader(sample);
      return header === undefined || this.pass(cycloneIdentity(header), header.payload, sample);
    }
    const { guid, sequenceNumber } = sample.writer;
    return this.pass({ guid: sample.related?.guid ?? guid, sequenceNumber }, sample.payload, sample);
  }

  private pass(identity: RequestIdentity, payload: Uint8Array, { littleEndian }: Sample): boolean {
    if (!this.closing && !this.onRequest(identity, payload, littleEndian)) return false;
    this.unanswered.add(callName(identity));
    if (this.unanswered.size > LIMITS.outstandingRequests) {
      for (const oldest of this.unanswered) {
        this.unanswered.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** Whether a reply would reach the client now, or has been waited for long enough. */
  private isReachable(sample: Sample): boolean {
    const { guid } = sample.writer;
    const client = guidName(guid);
    if (this.replyReaders.knowsReaderOf(sample) ?? this.clients.of(participantOf(guid)) > 0) {
      this.waiting.delete(client);
      return true;
    }
    const now = this.context.timers.now();
    const until = this.waiting.get(client) ?? now + LIMITS.replyReaderMs;
    if (now >= until) return true;
    this.waiting.set(client, until);
    if (!this.patience.scheduled) this.patience.schedule(until - now);
    return false;
  }

  /** @returns false if there is no room */
  private tryReply(identity: RequestIdentity, payload: Uint8Array): boolean {
    const to = this.replyReaders.addressee(identity);
    if (to === undefined) {
      this.keep(identity, payload);
      return true;
    }
    if (isCycloneIdentity(identity)) {
      const sample = withCycloneHeader(identity.guid.subarray(0, 8), identity.sequenceNumber, payload);
      return this.writer.write(sample, undefined, to) !== undefined;
    }
    return this.writer.write(payload, identity, to) !== undefined;
  }

  /** Keeps a reply whose client is not known: it may be found yet. */
  private keep(identity: RequestIdentity, payload: Uint8Array): void {
    const expiresMs = this.context.timers.now() + LIMITS.earlyReplyMs;
    this.earlyReplies.push({ identity, payload: new Uint8Array(payload), expiresMs });
    if (this.earlyReplies.length > LIMITS.earlyReplies) {
      this.earlyReplies.shift();
      this.dropReplies(1, `${LIMITS.earlyReplies} others wait for clients that are not known either`);
    }
    if (!this.expiry.scheduled) this.expiry.schedule(LIMITS.earlyReplyMs);
  }

  /** A client was found. */
  private flush(): void {
    const waiting = this.earlyReplies;
    if (waiting.length === 0) return;
    this.earlyReplies = waiting.filter((one) => this.replyReaders.addressee(one.identity) === undefined);
    for (const one of waiting) {
      if (!this.earlyReplies.includes(one)) this.tryReply(one.identity, one.payload);
    }
  }

  private expire(): void {
    const now = this.context.timers.now();
    const expired = this.earlyReplies.filter(({ expiresMs }) => expiresMs <= now).length;
    this.earlyReplies = this.earlyReplies.slice(expired);
    this.dropReplies(expired, "its client has gone");
    const next = this.earlyReplies[0];
    if (next !== undefined) this.expiry.schedule(next.expiresMs - now);
  }

  private dropRequests(count: number, reason: string): void {
    this.report("request_dropped", count, reason, "Let the client call again.");
  }

  private dropReplies(count: number, reason: string): void {
    const remedy = "Keep the client running until it has its answer, if it still wants it.";
    this.report("reply_dropped", count, reason, remedy);
  }

  private report(
    type: "request_dropped" | "reply_dropped",
    count: number,
    reason: string,
    remedy: string,
  ): void {
    if (count === 0) return;
    const { clientKey, nodeName: node, serviceName: service } = this.end;
    this.context.report({ type, clientKey, node, service, count, reason, remedy });
  }
}

const callName = ({ guid, sequenceNumber }: RequestIdentity): string => `${guidName(guid)}${sequenceNumber}`;
