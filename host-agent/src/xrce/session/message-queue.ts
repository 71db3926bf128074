import { DecodeError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import type { MessageHeader } from "../message/header.js";
import { isReliable, SubmessageId } from "../message/protocol.js";
import { decodeSubmessage } from "../message/submessage.js";
import { type RawSubmessage, readReassembled, splitSubmessages } from "../message/submessage-header.js";
import { Acknowledgement } from "./acknowledgement.js";
import type { Client } from "./client.js";
import type { ReliableInputStream } from "./reliable-input-stream.js";
import { type Postponed, RequestHandler } from "./request-handler.js";
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
 * Puts what one client sends in order and has it handled, one submessage at a time.
 *
 * States: IDLE (no `work`), WORKING (inside `advance`), BLOCKED (`work` waits for a participant's network, or for room in
 * a writer's history; new messages wait unacknowledged in their input streams). A failed submessage never takes the
 * rest of its message with it.
 */
export class MessageQueue {
  private readonly requests: RequestHandler;
  private readonly acknowledgement: Acknowledgement;
  private work: Work | undefined;
  private advancing = false;
  private readonly waiting: Work[] = [];
  /** While a writer has no room: ends the wait, and the sample. */
  private readonly writeTimer: Timer;
  /** Counts resets, so that a promise from before one is not taken for the work of after. */
  private epoch = 0;

  constructor(private readonly client: Client) {
    this.requests = new RequestHandler(client);
    this.acknowledgement = new Acknowledgement(client);
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
      this.acknowledgement.send(input);
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
        this.requests.handle(submessage, raw, 0);
    }
  }

  /** There may be room for the write that waits. */
  retry(): void {
    if (this.writeTimer.scheduled) this.advance();
  }

  reset(): void {
    this.epoch++;
    this.work = undefined;
    this.waiting.length = 0;
    this.acknowledgement.reset();
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
      this.report(error);
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
      const postponed = this.tryHandle(work, raw);
      if (postponed !== undefined) {
        own(work);
        this.postpone(postponed);
        return false;
      }
      this.writeTimer.cancel();
      if (this.work !== work) return true; // a RESET or the end of the session
    }
    if (work.input !== undefined) {
      work.input.handled();
      this.acknowledgement.sendSoon(work.input);
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

  private tryHandle(work: Work, raw: RawSubmessage): Postponed | undefined {
    try {
      if (raw.id === SubmessageId.FRAGMENT) return this.handleFragment(work, raw);
      const submessage = decodeSubmessage(raw);
      if (submessage?.kind === "heartbeat") {
        this.onHeartbeat(submessage.streamId, submessage.firstUnacked, submessage.last);
        return undefined;
      }
      if (submessage !== undefined) return this.requests.handle(submessage, raw, work.streamId);
      this.client.context.statistics.unknownSubmessages++;
    } catch (error) {
      this.report(error);
      if (error instanceof DecodeError) this.requests.refuseMalformed(raw, work.streamId);
    }
    return undefined;
  }

  private handleFragment(work: Work, raw: RawSubmessage): Postponed | undefined {
    if (work.input === undefined) return undefined; // only reliable streams carry fragments (8.4.14)
    const assembly = this.client.streams.assembly(work.streamId);
    const fragment = decodeSubmessage(raw);
    if (assembly === undefined || fragment?.kind !== "fragment") return undefined;
    const whole = assembly.push(fragment);
    if (whole === undefined) return undefined;
    if (whole === "too_large") {
      this.requests.refuseFragments(assembly.start, work.streamId);
      return undefined;
    }
    const inner = readReassembled(whole);
    if (inner.id === SubmessageId.FRAGMENT) return undefined;
    // From here on the message holds the submessage itself, so that a blocked one is not assembled twice.
    work.raws[work.index] = inner;
    return this.tryHandle(work, inner);
  }

  private postpone(postponed: Postponed): void {
    if (postponed === "no_room") {
      // Tried again whenever there may be room; the time for it runs from the first try.
      if (!this.writeTimer.scheduled) this.writeTimer.schedule(LIMITS.writeBlockingMs);
      return;
    }
    const { epoch } = this;
    void postponed.then((answer) => {
      if (epoch !== this.epoch) return;
      try {
        answer();
      } catch (error) {
        this.report(error);
      }
      this.skipPostponed();
    });
  }

  private giveUpWrite(): void {
    const raw = this.work?.raws[this.work.index];
    if (raw === undefined) return;
    this.requests.giveUpWrite(raw, this.work?.streamId ?? 0);
    this.skipPostponed();
  }

  private skipPostponed(): void {
    if (this.work === undefined) return;
    this.work.index++;
    this.advance();
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
    this.acknowledgement.send(input);
    if (this.work !== undefined) return;
    this.work = this.earlyWork();
    this.advance();
  }

  /** What is wrong with a submessage, or with how it was handled: the queue goes on with the next. */
  private report(error: unknown): void {
    const { statistics, report } = this.client.context;
    const peer = this.client.peer.key;
    if (!(error instanceof DecodeError)) {
      report({ type: "internal_error", where: peer, error });
      return;
    }
    statistics.malformedMessages++;
    report({ type: "malformed_message", peer, reason: `${error.message} (${error.where})` });
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
