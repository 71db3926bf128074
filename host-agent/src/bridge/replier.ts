import { LIMITS } from "../limits.js";
import type { OnMatch, OnRequest, ReplierEntity, RequestIdentity } from "../xrce/object/data-space.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import {
  cycloneIdentity,
  isCyclone,
  isCycloneIdentity,
  isFromCyclone,
  readCycloneHeader,
  withCycloneHeader,
} from "./cyclone-service.js";
import { MatchedEnds, participantOf } from "./matched-ends.js";
import type { NetworkReader, NetworkWriter, ReaderFilter, Sample } from "./network.js";
import { type ServiceEnd, serviceListeners } from "./service-end.js";

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
 * that, at most {@link LIMITS.replyReaderMs}. A reply to a client that is gone is reported.
 */
export class Replier implements ReplierEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;
  private readonly clients: MatchedEnds;
  /** Reply readers that have matched, by their GUID. */
  private readonly replyReaders = new Map<string, Uint8Array>();
  /** Until when requests wait whose reply reader is not known yet, by the GUID of their writer. */
  private readonly waiting = new Map<string, number>();
  private readonly patience: Timer;

  constructor(
    private readonly end: ServiceEnd,
    private readonly context: BridgeContext,
    private readonly onRequest: OnRequest,
    onSpace: () => void,
    onMatch: OnMatch,
  ) {
    this.patience = context.timers.create(() => this.reader.resume());
    this.clients = new MatchedEnds(2, onMatch);
    const { request, reply } = serviceListeners(end, this.clients);
    this.writer = end.node.createWriter(end.reply, {
      ...reply,
      onMatch: (remote, matched, total) => {
        if (matched) this.replyReaders.set(nameOf(remote.guid), remote.guid);
        else this.replyReaders.delete(nameOf(remote.guid));
        reply.onMatch(remote, matched, total);
        if (this.waiting.size > 0) this.reader.resume();
      },
      onSpace,
    });
    this.reader = end.node.createReader(end.request, {
      ...request,
      onMatch: (remote, matched, total) => {
        if (!matched) this.waiting.delete(nameOf(remote.guid));
        request.onMatch(remote, matched, total);
        if (this.waiting.size > 0) this.reader.resume();
      },
      onSample: (sample) => this.offer(sample),
    });
  }

  reply(identity: RequestIdentity, payload: Uint8Array): boolean {
    const to = this.addressee(identity);
    if (to === undefined) {
      this.reportGone();
      return true;
    }
    if (isCycloneIdentity(identity)) {
      const sample = withCycloneHeader(identity.guid.subarray(0, 8), identity.sequenceNumber, payload);
      return this.writer.write(sample, undefined, to) !== undefined;
    }
    return this.writer.write(payload, identity, to) !== undefined;
  }

  resume(): void {
    this.reader.resume();
  }

  close(): void {
    this.patience.cancel();
    this.reader.close();
    this.writer.close();
  }

  private offer(sample: Sample): boolean {
    if (!this.isReachable(sample)) return false;
    const { littleEndian } = sample;
    if (isCyclone(sample.writer.guid)) {
      const header = readCycloneHeader(sample);
      return header === undefined || this.onRequest(cycloneIdentity(header), header.payload, littleEndian);
    }
    const identity = {
      guid: sample.related?.guid ?? sample.writer.guid,
      sequenceNumber: sample.writer.sequenceNumber,
    };
    return this.onRequest(identity, sample.payload, littleEndian);
  }

  /** Whether a reply would reach the client now, or has been waited for long enough. */
  private isReachable({ writer, related }: Sample): boolean {
    const client = nameOf(writer.guid);
    if (this.isKnown(writer.guid, related?.guid)) {
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

  private isKnown(writer: Uint8Array, replyReader: Uint8Array | undefined): boolean {
    const participant = participantOf(writer);
    if (replyReader !== undefined && isReader(replyReader) && participantOf(replyReader) === participant) {
      return this.replyReaders.has(nameOf(replyReader));
    }
    return this.clients.of(participant) > 0;
  }

  /** Which readers get the reply to a request: the one that it named, or else those of its participant. */
  private addressee(identity: RequestIdentity): ReaderFilter | undefined {
    const { guid } = identity;
    if (this.replyReaders.has(nameOf(guid))) return (reader) => Buffer.compare(reader, guid) === 0;
    const participant = participantOf(guid);
    const to: ReaderFilter = isCycloneIdentity(identity)
      ? (reader) => isFromCyclone(identity, reader)
      : (reader) => participantOf(reader) === participant;
    for (const reader of this.replyReaders.values()) if (to(reader)) return to;
    return undefined;
  }

  private reportGone(): void {
    const { clientKey, nodeName, serviceName } = this.end;
    this.context.report({
      type: "reply_dropped",
      clientKey,
      node: nodeName,
      service: serviceName,
      count: 1,
      reason: "its client has gone",
      remedy: "Keep the client running until it has its answer, if it still wants it.",
    });
  }
}

const nameOf = (guid: Uint8Array): string => Buffer.from(guid).toString("latin1");
/** By its kind, the last octet (DDSI-RTPS 2.5, Table 9.1): rmw_fastrtps names its reply reader, others their request writer. */
const isReader = (guid: Uint8Array): boolean => READER_KINDS.includes((guid[15] as number) & 0x0f);
const READER_KINDS = [0x04, 0x07];
