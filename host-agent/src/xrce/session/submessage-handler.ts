import { CdrReader } from "../../cdr/reader.js";
import { DecodeError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import { readObjectRequest } from "../message/base.js";
import type { Create } from "../message/create.js";
import type { MessageHeader } from "../message/header.js";
import { OBJECTID_CLIENT } from "../message/object-id.js";
import { isReliable, Status, SubmessageId } from "../message/protocol.js";
import type { ReadData } from "../message/read-data.js";
import { decodeSubmessage, type Submessage } from "../message/submessage.js";
import {
  isLittleEndian,
  type RawSubmessage,
  readReassembled,
  splitSubmessages,
} from "../message/submessage-header.js";
import type { WriteData } from "../message/write-data.js";
import type { Outcome } from "../object/object-table.js";
import { answerGetInfo } from "./agent-information.js";
import type { Client } from "./client.js";
import type { ReliableInputStream } from "./reliable-input-stream.js";
import type { Timer } from "./timers.js";

/** A message being handled: its submessages from `index` on are still to do. */
interface Work {
  readonly raws: RawSubmessage[];
  index: number;
  readonly streamId: number;
  /** Acknowledges the message when all is done; undefined on best-effort streams. */
  readonly input: ReliableInputStream | undefined;
}

/**
 * Handles what one client sends, in order, one submessage at a time.
 *
 * States: IDLE (no `work`), WORKING (inside `advance`), BLOCKED (`work` waits for a participant's network, or for room in
 * a writer's history; new messages wait unacknowledged in their input streams). A failed submessage never takes the
 * rest of its message with it.
 */
export class SubmessageHandler {
  private work: Work | undefined;
  private advancing = false;
  private readonly waiting: Work[] = [];
  /** Streams of which messages were handled and not yet acknowledged. */
  private readonly acknacksDue = new Set<ReliableInputStream>();
  /** While a writer has no room: ends the wait, and the sample. */
  private readonly writeTimer: Timer;
  /** Counts resets, so that a promise from before one is not taken for the work of after. */
  private epoch = 0;

  constructor(private readonly client: Client) {
    this.writeTimer = client.timers.create(() => this.giveUpWrite());
  }

  /** Takes a message of a best-effort or reliable stream. `message` is borrowed. @throws DecodeError */
  receive(header: MessageHeader, message: Uint8Array): void {
    const { client } = this;
    const { streamId, sequenceNumber } = header;
    if (!isReliable(streamId)) {
      if (client.streams.acceptBestEffort(streamId, sequenceNumber))
        this.receiveUnreliable(streamId, message);
      else client.context.statistics.staleMessages++;
      return;
    }
    const input = client.streams.reliableInput(streamId);
    if (input === undefined) return;
    const inOrder = input.receive(sequenceNumber, message, this.work === undefined);
    if (inOrder === undefined) {
      this.acknowledge(input);
      return;
    }
    this.work = this.reliableWork(input, inOrder);
    this.advance();
  }

  /** Takes a submessage of stream 0, which is not ordered with the others. @throws DecodeError */
  handleControl(raw: RawSubmessage): void {
    const submessage = decodeSubmessage(raw);
    if (submessage === undefined) {
      this.client.context.statistics.unknownSubmessages++;
      return;
    }
    switch (submessage.kind) {
      case "acknack":
        this.client.askable = true;
        if (!isReliable(submessage.streamId)) return;
        this.client.streams
          .reliableOutput(submessage.streamId)
          ?.onAcknack(submessage.firstUnacked, submessage.missing);
        return;
      case "heartbeat":
        this.onHeartbeat(submessage.streamId, submessage.firstUnacked, submessage.last);
        return;
      case "create":
      case "write_data":
      case "read_data":
      case "fragment":
        this.enqueue({ raws: [raw], index: 0, streamId: 0, input: undefined });
        return;
      default:
        this.handle(submessage, raw, 0);
    }
  }

  /** There may be room for the write that waits. */
  retry(): void {
    if (!this.writeTimer.scheduled || this.advancing) return;
    this.writeTimer.cancel();
    this.advance();
  }

  reset(): void {
    this.epoch++;
    this.work = undefined;
    this.waiting.length = 0;
    this.acknacksDue.clear();
    this.writeTimer.cancel();
  }

  private receiveUnreliable(streamId: number, message: Uint8Array): void {
    const raws = splitSubmessages(message, this.client.headerOctets);
    this.enqueue({ raws, index: 0, streamId, input: undefined });
  }

  private enqueue(work: Work): void {
    if (this.work === undefined) {
      this.work = work;
      this.advance();
      return;
    }
    if (this.waiting.length >= LIMITS.waitingMessages) {
      this.client.context.statistics.overflowedMessages++;
      return;
    }
    own(work);
    this.waiting.push(work);
  }

  private reliableWork(input: ReliableInputStream, message: Uint8Array): Work {
    let raws: RawSubmessage[] = [];
    try {
      raws = splitSubmessages(message, this.client.headerOctets);
    } catch (error) {
      // Acknowledged all the same: sending it again would not mend it.
      this.malformed(error);
    }
    return { raws, index: 0, streamId: input.id, input };
  }

  /** Works until there is nothing left or something blocks. */
  private advance(): void {
    if (this.advancing) return;
    this.advancing = true;
    try {
      while (this.work !== undefined) {
        if (!this.finish(this.work)) return;
        this.work = this.nextWork();
      }
    } finally {
      this.advancing = false;
    }
  }

  /** @returns false if it blocked */
  private finish(work: Work): boolean {
    for (; work.index < work.raws.length; work.index++) {
      const raw = work.raws[work.index] as RawSubmessage;
      if (this.tryHandle(work, raw) === "blocked") {
        own(work);
        return false;
      }
      if (this.work !== work) return true; // a RESET or the end of the session
    }
    if (work.input !== undefined) {
      work.input.handled();
      this.acknowledgeSoon(work.input);
    }
    return true;
  }

  private nextWork(): Work | undefined {
    if (this.work === undefined) return undefined;
    const waiting = this.waiting.shift();
    if (waiting !== undefined) return waiting;
    return this.earlyWork();
  }

  private earlyWork(): Work | undefined {
    for (const input of this.client.streams.allReliableInputs()) {
      const message = input.next();
      if (message !== undefined) return this.reliableWork(input, message);
    }
    return undefined;
  }

  private tryHandle(work: Work, raw: RawSubmessage): "blocked" | undefined {
    try {
      if (raw.id === SubmessageId.FRAGMENT) return this.handleFragment(work, raw);
      const submessage = decodeSubmessage(raw);
      if (submessage !== undefined) return this.handle(submessage, raw, work.streamId);
      this.client.context.statistics.unknownSubmessages++;
    } catch (error) {
      this.malformed(error);
      this.refuseMalformed(raw, work.streamId);
    }
    return undefined;
  }

  private handleFragment(work: Work, raw: RawSubmessage): "blocked" | undefined {
    if (work.input === undefined) return undefined; // only reliable streams carry fragments (8.4.14)
    const assembly = this.client.streams.assembly(work.streamId);
    const fragment = decodeSubmessage(raw);
    if (assembly === undefined || fragment?.kind !== "fragment") return undefined;
    const whole = assembly.push(fragment);
    if (whole === undefined) return undefined;
    if (whole === "too_large") {
      const { requestId, objectId } = readObjectRequest(new CdrReader(assembly.start.subarray(4)));
      const reason = `a submessage in fragments is over the limit of ${LIMITS.sampleOctets} octets`;
      this.fail(work.streamId, "FRAGMENT", requestId, objectId, { status: Status.ERR_RESOURCES, reason });
      return undefined;
    }
    const inner = readReassembled(whole);
    if (inner.id === SubmessageId.FRAGMENT) return undefined;
    // From here on the message holds the submessage itself, so that a blocked one is not assembled twice.
    work.raws[work.index] = inner;
    return this.tryHandle(work, inner);
  }

  private handle(submessage: Submessage, raw: RawSubmessage, streamId: number): "blocked" | undefined {
    const { client } = this;
    switch (submessage.kind) {
      case "write_data":
        return this.write(submessage, streamId);
      case "create":
        return this.create(submessage, streamId, isLittleEndian(raw.flags));
      case "read_data":
        this.read(submessage, streamId);
        return undefined;
      case "delete":
        this.delete(submessage.requestId, submessage.objectId, streamId);
        return undefined;
      case "get_info":
        client.sendReply(
          streamId,
          answerGetInfo(submessage, true, (id) => client.objects.has(id)),
        );
        return undefined;
      case "timestamp":
        this.answerTimestamp(submessage.transmit, streamId);
        return undefined;
      case "reset":
        client.resetStreams();
        return undefined;
      case "heartbeat":
        this.onHeartbeat(submessage.streamId, submessage.firstUnacked, submessage.last);
        return undefined;
      case "acknack":
        client.streams
          .reliableOutput(submessage.streamId)
          ?.onAcknack(submessage.firstUnacked, submessage.missing);
        return undefined;
      default:
        return undefined; // what only agents send; an INFO was a sign of life
    }
  }

  private write(write: WriteData, streamId: number): "blocked" | undefined {
    const outcome = this.client.objects.write(write);
    if (outcome === undefined) return undefined;
    if (outcome !== "blocked") {
      this.fail(streamId, "WRITE_DATA", write.requestId, write.objectId, outcome);
      return undefined;
    }
    if (!isReliable(streamId)) {
      const reason = "the network takes no more samples now, and the client wrote on a best-effort stream";
      this.client.context.report({
        type: "sample_dropped",
        clientKey: this.client.clientKey,
        objectId: write.objectId,
        reason,
      });
      return undefined;
    }
    this.writeTimer.schedule(LIMITS.writeBlockingMs);
    return "blocked";
  }

  private giveUpWrite(): void {
    const { work } = this;
    if (work === undefined) return;
    const write = decodeSubmessage(work.raws[work.index] as RawSubmessage);
    if (write?.kind === "write_data") {
      const reason = `no room in the writer's history for ${LIMITS.writeBlockingMs} ms: a matched reader does not acknowledge`;
      this.fail(work.streamId, "WRITE_DATA", write.requestId, write.objectId, {
        status: Status.ERR_RESOURCES,
        reason,
      });
    }
    work.index++;
    this.advance();
  }

  private create(create: Create, streamId: number, littleEndian: boolean): "blocked" | undefined {
    const outcome = this.client.objects.create(create, littleEndian);
    if (!(outcome instanceof Promise)) {
      this.created(create, streamId, outcome);
      return undefined;
    }
    const { epoch } = this;
    void outcome.then((ready) => {
      if (epoch !== this.epoch) return;
      this.created(create, streamId, ready);
      if (this.work === undefined) return;
      this.work.index++;
      this.advance();
    });
    return "blocked";
  }

  private created(create: Create, streamId: number, outcome: Outcome): void {
    const { requestId, objectId } = create;
    if (outcome.reason !== undefined) {
      this.fail(streamId, "CREATE", requestId, objectId, outcome);
      return;
    }
    this.reply(streamId, requestId, objectId, outcome.status);
    const description = this.client.objects.description(objectId);
    if (description === undefined || outcome.status !== Status.OK) return;
    const { clientKey } = this.client;
    this.client.context.report({ type: "object_created", clientKey, objectId, description });
  }

  private read(read: ReadData, streamId: number): void {
    const { streams, objects } = this.client;
    const noStream =
      isReliable(read.preferredStream) && streams.reliableOutput(read.preferredStream) === undefined;
    const outcome: Outcome | undefined = noStream
      ? {
          status: Status.ERR_RESOURCES,
          reason: `a client may use ${LIMITS.streamsPerClient} reliable streams`,
        }
      : objects.read(read);
    if (outcome !== undefined) this.fail(streamId, "READ_DATA", read.requestId, read.objectId, outcome);
  }

  private delete(requestId: number, objectId: number, streamId: number): void {
    const { client } = this;
    if (objectId === OBJECTID_CLIENT) {
      this.reply(streamId, requestId, objectId, Status.OK);
      client.die("it ended its session");
      return;
    }
    const outcome = client.objects.delete(objectId);
    if (outcome.reason !== undefined) {
      this.fail(streamId, "DELETE", requestId, objectId, outcome);
      return;
    }
    this.reply(streamId, requestId, objectId, outcome.status);
    client.context.report({ type: "object_deleted", clientKey: client.clientKey, objectId });
  }

  private answerTimestamp(originate: { seconds: number; nanoseconds: number }, streamId: number): void {
    const ns = this.client.context.clock.wallNs();
    const now = { seconds: Number(ns / 1_000_000_000n), nanoseconds: Number(ns % 1_000_000_000n) };
    this.client.sendReply(streamId, { kind: "timestamp_reply", transmit: now, receive: now, originate });
  }

  private onHeartbeat(streamId: number, firstUnacked: number, last: number): void {
    const input = isReliable(streamId) ? this.client.streams.reliableInput(streamId) : undefined;
    if (input === undefined) return;
    // While one of its messages is being handled the stream must not skip it.
    const working = this.work?.input === input;
    const lost = working ? 0 : input.onHeartbeat(firstUnacked, last);
    if (lost > 0) {
      this.client.streams.assembly(streamId)?.reset();
      this.client.context.report({ type: "messages_skipped", clientKey: this.client.clientKey, count: lost });
    }
    this.acknowledge(input);
    if (this.work !== undefined) return;
    this.work = this.earlyWork();
    this.advance();
  }

  /**
   * Acknowledges when the current event has been handled: what it sets off (a sample on its way to another client) goes out
   * first, and several messages in one chunk of a serial line have one answer.
   */
  private acknowledgeSoon(input: ReliableInputStream): void {
    this.acknacksDue.add(input);
    if (this.acknacksDue.size === 1) queueMicrotask(() => this.sendAcknacks());
  }

  private sendAcknacks(): void {
    for (const input of this.acknacksDue) this.client.sendControl(input.acknack());
    this.acknacksDue.clear();
  }

  private acknowledge(input: ReliableInputStream): void {
    this.acknacksDue.delete(input);
    this.client.sendControl(input.acknack());
  }

  private reply(streamId: number, requestId: number, objectId: number, status: number): void {
    this.client.sendReply(streamId, { kind: "status", requestId, objectId, status, implementationStatus: 0 });
  }

  /** Tells the client and whoever watches the agent. */
  private fail(
    streamId: number,
    request: string,
    requestId: number,
    objectId: number,
    outcome: Outcome,
  ): void {
    this.reply(streamId, requestId, objectId, outcome.status);
    const { clientKey } = this.client;
    const { status, reason = "" } = outcome;
    this.client.context.report({ type: "request_failed", clientKey, objectId, request, status, reason });
  }

  /** A request that cannot be decoded is answered if it can be named. */
  private refuseMalformed(raw: RawSubmessage, streamId: number): void {
    const requests: readonly number[] = [SubmessageId.CREATE, SubmessageId.DELETE, SubmessageId.READ_DATA];
    if (!requests.includes(raw.id) || raw.body.byteLength < 4) return;
    const { requestId, objectId } = readObjectRequest(new CdrReader(raw.body));
    this.reply(streamId, requestId, objectId, Status.ERR_INVALID_DATA);
  }

  private malformed(error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    const { statistics, report } = this.client.context;
    statistics.malformedMessages++;
    report({
      type: "malformed_message",
      peer: this.client.peer.key,
      reason: `${error.message} (${error.where})`,
    });
  }
}

/**
 * Makes the submessages still to do independent of the message buffer, which the transport uses again. (Not with `slice`: a
 * Buffer's shares the memory.)
 */
function own(work: Work): void {
  for (let i = work.index; i < work.raws.length; i++) {
    const raw = work.raws[i] as RawSubmessage;
    work.raws[i] = { ...raw, body: new Uint8Array(raw.body) };
  }
}
