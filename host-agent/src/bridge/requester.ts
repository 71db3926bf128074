import { LIMITS } from "../limits.js";
import type { OnMatch, OnReply, RequesterEntity } from "../xrce/object/data-space.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import { cycloneClientId, isCyclone, readCycloneHeader, withCycloneHeader } from "./cyclone-service.js";
import { MatchedEnds } from "./matched-ends.js";
import type { NetworkReader, NetworkWriter, Sample, SampleIdentity } from "./network.js";
import { type ServiceEnd, serviceListeners } from "./service-end.js";

interface QueuedRequest {
  readonly requestId: number;
  readonly payload: Uint8Array;
  readonly expiresMs: number;
}

/** A request that was written, with its numbers on the network. */
interface Call {
  readonly requestId: number;
  plain?: bigint;
  cyclone?: bigint;
}

/** SEQUENCE_NUMBER_UNKNOWN (DDSI-RTPS 2.5, 9.3.2.4), as rmw_fastrtps writes it beside the reply reader's GUID. */
const SEQUENCE_NUMBER_UNKNOWN = -1n;

/**
 * A device's service client. Each request names this client's reply reader, so that servers can tell clients apart;
 * of the replies on the topic only those to its own requests are taken. Servers of rmw_cyclonedds get the request in their
 * own form, the others in the usual one, and neither gets the other's; the first reply of any server counts.
 *
 * Requests written before a server is there wait: until both the server's request reader and its reply writer have matched,
 * at most {@link LIMITS.queuedRequestMs}.
 */
export class Requester implements RequesterEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;
  private readonly servers: MatchedEnds;
  private queue: QueuedRequest[] = [];
  private readonly expiry: Timer;
  /** Calls without a reply, oldest first; and by their numbers. */
  private readonly outstanding = new Set<Call>();
  private readonly plainCalls = new Map<bigint, Call>();
  private readonly cycloneCalls = new Map<bigint, Call>();
  private readonly cycloneId: Uint8Array;
  private lastCycloneNumber = 0n;

  constructor(
    private readonly end: ServiceEnd,
    private readonly context: BridgeContext,
    private readonly onReply: OnReply,
    private readonly onSpace: () => void,
    onMatch: OnMatch,
  ) {
    this.expiry = context.timers.create(() => this.expire());
    this.servers = new MatchedEnds(2, (count, mismatched) => {
      onMatch(count, mismatched);
      this.flush();
    });
    const { request, reply } = serviceListeners(end, this.servers);
    this.reader = end.node.createReader(end.reply, { ...reply, onSample: (sample) => this.offer(sample) });
    this.writer = end.node.createWriter(end.request, {
      ...request,
      onSpace: () => {
        this.flush();
        this.onSpace();
      },
    });
    this.cycloneId = cycloneClientId(this.writer.guid);
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
    const unanswered = this.outstanding.size + this.queue.length;
    if (unanswered > 0) {
      this.report("reply_dropped", "the device's session ended before it came", unanswered);
    }
    this.reader.close();
    this.writer.close();
  }

  private get now(): number {
    return this.context.timers.now();
  }

  private get serverReady(): boolean {
    return this.servers.count > 0;
  }

  private send(requestId: number, payload: Uint8Array): boolean {
    const call: Call = { requestId };
    if (this.servers.some(isPlain) && !this.sendPlain(call, payload)) return false;
    if (this.servers.some(isCycloneName) && !this.sendCyclone(call, payload)) return false;
    this.outstanding.add(call);
    if (this.outstanding.size > LIMITS.outstandingRequests) this.forgetOldest();
    return true;
  }

  private sendPlain(call: Call, payload: Uint8Array): boolean {
    const related = { guid: this.reader.guid, sequenceNumber: SEQUENCE_NUMBER_UNKNOWN };
    const identity = this.writer.write(payload, related, isNotCyclone);
    if (identity === undefined) return false;
    call.plain = identity.sequenceNumber;
    this.plainCalls.set(call.plain, call);
    return true;
  }

  private sendCyclone(call: Call, payload: Uint8Array): boolean {
    call.cyclone = ++this.lastCycloneNumber;
    this.cycloneCalls.set(call.cyclone, call);
    const sample = withCycloneHeader(this.cycloneId, call.cyclone, payload);
    if (this.writer.write(sample, undefined, isCyclone) !== undefined) return true;
    this.forget(call);
    return false;
  }

  private offer(sample: Sample): boolean {
    if (!isCyclone(sample.writer.guid)) {
      const { related } = sample;
      return related === undefined || this.take(this.plainCall(related), sample.payload, sample.littleEndian);
    }
    const header = readCycloneHeader(sample);
    if (header === undefined || !same(header.client, this.cycloneId)) return true;
    return this.take(this.cycloneCalls.get(header.number), header.payload, sample.littleEndian);
  }

  private plainCall({ guid, sequenceNumber }: SampleIdentity): Call | undefined {
    const mine = same(guid, this.reader.guid) || same(guid, this.writer.guid);
    return mine ? this.plainCalls.get(sequenceNumber) : undefined;
  }

  /** @param call undefined if the reply is another client's, or to a call that was answered before */
  private take(call: Call | undefined, payload: Uint8Array, littleEndian: boolean): boolean {
    if (call === undefined) return true;
    if (!this.onReply(call.requestId, payload, littleEndian)) return false;
    this.forget(call);
    return true;
  }

  private forget(call: Call): void {
    this.outstanding.delete(call);
    if (call.plain !== undefined) this.plainCalls.delete(call.plain);
    if (call.cyclone !== undefined) this.cycloneCalls.delete(call.cyclone);
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
    const [oldest] = this.outstanding;
    if (oldest !== undefined) this.forget(oldest);
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

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const isNotCyclone = (guid: Uint8Array): boolean => !isCyclone(guid);
const isCycloneName = (participant: string): boolean => isCyclone(Buffer.from(participant, "latin1"));
const isPlain = (participant: string): boolean => !isCycloneName(participant);
