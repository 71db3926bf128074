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
import { type ServiceEnd, serviceListeners } from "./service-end.js";

/**
 * A device's service server: reads requests and writes replies. A request is known by the client's reply reader, if the
 * request says it (rmw_fastrtps does), or else by its writer, and by the request's own sequence number; its reply
 * carries the same as related_sample_identity. Requests of rmw_cyclonedds are told apart by their vendor, and
 * answered with their header; each kind of reply goes only to clients of that kind.
 *
 * A request may come before its client's reply reader has been discovered, which would lose the reply: it waits for
 * that, at most {@link LIMITS.replyReaderMs}.
 */
export class Replier implements ReplierEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;
  private readonly clients: MatchedEnds;
  /** Until when requests of participants wait whose reply reader is not known yet. */
  private readonly waiting = new Map<string, number>();
  private readonly patience: Timer;

  constructor(
    end: ServiceEnd,
    private readonly context: BridgeContext,
    private readonly onRequest: OnRequest,
    onSpace: () => void,
    onMatch: OnMatch,
  ) {
    this.patience = context.timers.create(() => this.reader.resume());
    this.clients = new MatchedEnds(2, (count, mismatched) => {
      onMatch(count, mismatched);
      if (this.waiting.size > 0) this.reader.resume();
    });
    const { request, reply } = serviceListeners(end, this.clients);
    this.writer = end.node.createWriter(end.reply, { ...reply, onSpace });
    this.reader = end.node.createReader(end.request, {
      ...request,
      onMatch: (remote, matched, total) => {
        if (!matched) this.waiting.delete(participantOf(remote.guid));
        request.onMatch(remote, matched, total);
      },
      onSample: (sample) => this.offer(sample),
    });
  }

  reply(identity: RequestIdentity, payload: Uint8Array): boolean {
    if (isCycloneIdentity(identity)) {
      const sample = withCycloneHeader(identity.guid.subarray(0, 8), identity.sequenceNumber, payload);
      return this.writer.write(sample, undefined, isCyclone) !== undefined;
    }
    return this.writer.write(payload, identity, isNotCyclone) !== undefined;
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
    if (!this.isReachable(sample.writer.guid)) return false;
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
  private isReachable(writer: Uint8Array): boolean {
    const participant = participantOf(writer);
    if (this.clients.of(participant) > 0) {
      this.waiting.delete(participant);
      return true;
    }
    const now = this.context.timers.now();
    const until = this.waiting.get(participant);
    if (until !== undefined && now >= until) return true;
    if (until === undefined) this.waiting.set(participant, now + LIMITS.replyReaderMs);
    if (!this.patience.scheduled) this.patience.schedule((until ?? now + LIMITS.replyReaderMs) - now);
    return false;
  }
}

const isNotCyclone = (reader: Uint8Array): boolean => !isCyclone(reader);
