import { LIMITS } from "../../limits.js";
import { encodeHeader } from "../message/header.js";
import { FLAG_LAST_FRAGMENT, FLAG_LITTLE_ENDIAN, SubmessageId } from "../message/protocol.js";
import { encodeSubmessageHeader, SUBMESSAGE_HEADER_OCTETS } from "../message/submessage-header.js";
import { addSequence, sequenceDistance } from "./sequence-number.js";
import type { Timer, Timers } from "./timers.js";

/** Submessages up to this size share a message, and what such a message may grow to. */
const PACKED_OCTETS = 640;
const PACKED_MESSAGE_OCTETS = 1_400;

/** What a stream needs to know of its session. */
export interface StreamContext {
  readonly sessionId: number;
  readonly clientKey: number;
  /** Octets of the message header. */
  readonly headerOctets: number;
  /** Largest message the client takes. */
  mtu(): number;
  readonly timers: Timers;
  /** Sends a whole message; whether it leaves is the transport's matter. */
  send(message: Uint8Array): void;
  /** Sends a HEARTBEAT on stream 0. */
  sendHeartbeat(streamId: number, firstUnacked: number, last: number): void;
  /** The window has room again after {@link ReliableOutputStream.hasRoom} was false. */
  onRoom(): void;
  /** The client answers, but never gets on: it cannot hold the fragmented sample it is being sent. */
  onStalled(): void;
}

/** A message that takes more submessages until it leaves. */
interface OpenMessage {
  readonly message: Uint8Array;
  octets: number;
}

interface InFlight {
  readonly message: Uint8Array;
  readonly sentMs: number;
  /** When it was last sent again; undefined if never. */
  resentMs: number | undefined;
  readonly fragment: boolean;
}

/**
 * The sending end of a reliable stream (DDS-XRCE 1.0, 8.4.10 to 8.4.12).
 *
 * Messages `first` to `next - 1` are in flight, at most the window of 16; what does not fit waits in `pending`.
 * While anything is in flight a heartbeat is due: after twice the measured round trip at first, then doubling up to
 * the maximum as long as nothing comes back. An ACKNACK releases what is before its number and has the missing sent again, at
 * most once per round trip: a client acknowledges each message, so one loss is reported many times.
 */
export class ReliableOutputStream {
  private first = 0;
  private next = 0;
  private readonly inFlight: InFlight[] = [];
  private open: OpenMessage | undefined;
  private readonly pending: { readonly submessage: Uint8Array; at: number }[] = [];
  private readonly heartbeatTimer: Timer;
  private heartbeatMs: number = LIMITS.heartbeatMaximumMs;
  /** Smoothed round trip from sending to acknowledgement. */
  private roundTripMs = 5;
  private wasFull = false;
  private flushing = false;
  private progressMs = 0;
  /** Messages sent again, for the statistics. */
  resent = 0;

  constructor(
    readonly id: number,
    private readonly context: StreamContext,
  ) {
    this.heartbeatTimer = context.timers.create(() => this.onHeartbeatDue());
  }

  /** Whether a sample may be written now. Once false, {@link StreamContext.onRoom} tells when it is true again. */
  get hasRoom(): boolean {
    const room = this.pending.length === 0 && this.used < LIMITS.reliableWindow;
    if (!room) this.wasFull = true;
    return room;
  }

  get idle(): boolean {
    return this.used === 0 && this.pending.length === 0;
  }

  /**
   * Sends one submessage, header included, or queues it if the window is full.
   * @param submessage becomes the stream's own
   * @returns false if too many wait already and this one is lost
   */
  write(submessage: Uint8Array): boolean {
    if (this.pending.length >= LIMITS.pendingSubmessages) return false;
    if (!this.hasRoom || !this.fits(submessage.byteLength)) {
      this.pending.push({ submessage, at: 0 });
      this.flush();
      return true;
    }
    const message = Buffer.allocUnsafe(this.context.headerOctets + submessage.byteLength);
    message.set(submessage, this.context.headerOctets);
    this.launch(message, false);
    return true;
  }

  /**
   * Room for a small submessage in a message that leaves when the current event has been handled, along with others: what a
   * message costs, in the system and in the client, is mostly the same for one and for ten.
   * @param octets of the submessage, header included
   * @returns the place to write it to; undefined if there is no room, or it is too large to be worth it
   */
  pack(octets: number): Uint8Array | undefined {
    if (octets > PACKED_OCTETS) return undefined;
    if (this.open === undefined || alignedEnd(this.open) + octets > this.open.message.byteLength) {
      this.sendOpen();
      if (!this.hasRoom || !this.openMessage(octets)) return undefined;
    }
    const open = this.open as unknown as OpenMessage;
    const at = alignedEnd(open);
    open.message.fill(0, open.octets, at);
    open.octets = at + octets;
    return open.message.subarray(at, open.octets);
  }

  /** Whether a submessage of this many octets, header included, needs no fragments. */
  fits(octets: number): boolean {
    return this.context.headerOctets + octets <= this.context.mtu();
  }

  /**
   * Sends a message of one submessage that the caller laid out, with room for the message header before it. The
   * caller has seen that {@link hasRoom} and {@link fits}.
   */
  launch(message: Uint8Array, fragment: boolean): void {
    this.sendOpen();
    const { context } = this;
    encodeHeader(message, context.sessionId, this.id, this.next, context.clientKey);
    const sentMs = context.timers.now();
    this.inFlight.push({ message, sentMs, resentMs: undefined, fragment });
    this.next = addSequence(this.next, 1);
    if (!this.heartbeatTimer.scheduled) this.startHeartbeat();
    context.send(message);
  }

  onAcknack(firstUnacked: number, missing: number): void {
    const acknowledged = sequenceDistance(firstUnacked, this.first);
    if (acknowledged < 0 || acknowledged > this.inFlight.length) return; // an old one, or of another session
    if (acknowledged > 0) this.release(acknowledged, firstUnacked);
    else if (this.inFlight[0]?.fragment === true && missing !== 0) this.checkStall();
    const now = this.context.timers.now();
    for (let i = 0; i < this.inFlight.length && missing >>> i !== 0; i++) {
      if (((missing >>> i) & 1) !== 0) this.resend(this.inFlight[i] as InFlight, now);
    }
    this.flush();
    if (this.inFlight.length === 0) this.heartbeatTimer.cancel();
    if (this.wasFull && this.pending.length === 0 && this.inFlight.length < LIMITS.reliableWindow) {
      this.wasFull = false;
      this.context.onRoom();
    }
  }

  /** Asks the client for an ACKNACK although nothing is in flight: a sign of life. */
  probe(): void {
    this.context.sendHeartbeat(this.id, this.first, addSequence(this.next, -1));
  }

  /** Starts anew at sequence number 0 and forgets what was in flight. */
  reset(): void {
    this.heartbeatTimer.cancel();
    this.inFlight.length = 0;
    this.open = undefined;
    this.pending.length = 0;
    this.first = 0;
    this.next = 0;
  }

  /** Messages of the window that are taken. */
  private get used(): number {
    return this.inFlight.length + (this.open === undefined ? 0 : 1);
  }

  /** @returns false if not even this submessage fits */
  private openMessage(octets: number): boolean {
    const { headerOctets } = this.context;
    const capacity = Math.min(this.context.mtu(), PACKED_MESSAGE_OCTETS);
    if (headerOctets + octets > capacity) return false;
    this.open = { message: Buffer.allocUnsafe(capacity), octets: headerOctets };
    queueMicrotask(this.sendOpen);
    return true;
  }

  private readonly sendOpen = (): void => {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    this.launch(open.message.subarray(0, open.octets), false);
  };

  private release(count: number, firstUnacked: number): void {
    const newest = this.inFlight[count - 1] as InFlight;
    if (newest.resentMs === undefined) {
      const sample = this.context.timers.now() - newest.sentMs;
      this.roundTripMs += (sample - this.roundTripMs) / 8; // as TCP smooths it (RFC 6298)
    }
    this.inFlight.splice(0, count);
    this.first = firstUnacked;
    this.progressMs = this.context.timers.now();
    if (this.inFlight.length > 0) this.startHeartbeat();
  }

  private resend(one: InFlight, now: number): void {
    if (
      one.resentMs !== undefined &&
      now - one.resentMs < Math.min(this.roundTripMs, LIMITS.heartbeatMaximumMs)
    ) {
      return;
    }
    one.resentMs = now;
    this.resent++;
    this.context.send(one.message);
  }

  private checkStall(): void {
    const now = this.context.timers.now();
    if (now - Math.max(this.progressMs, this.inFlight[0]?.sentMs ?? now) < LIMITS.stallMs) return;
    this.progressMs = now;
    this.context.onStalled();
  }

  private startHeartbeat(): void {
    const wanted = 2 * this.roundTripMs;
    this.heartbeatMs = Math.min(LIMITS.heartbeatMaximumMs, Math.max(LIMITS.heartbeatMinimumMs, wanted));
    this.heartbeatTimer.schedule(this.heartbeatMs);
  }

  private onHeartbeatDue(): void {
    if (this.inFlight.length === 0) return;
    this.context.sendHeartbeat(this.id, this.first, addSequence(this.next, -1));
    this.heartbeatMs = Math.min(LIMITS.heartbeatMaximumMs, 2 * this.heartbeatMs);
    this.heartbeatTimer.schedule(this.heartbeatMs);
  }

  /** Moves what waits into the window. An acknowledgement out of a send, as a link in memory gives, does not nest. */
  private flush(): void {
    if (this.flushing) return;
    this.flushing = true;
    this.sendOpen();
    try {
      while (this.inFlight.length < LIMITS.reliableWindow && this.pending.length > 0) this.launchPending();
    } finally {
      this.flushing = false;
    }
  }

  /** Launches the first of what waits, or its next fragment if it is larger than the client's MTU. */
  private launchPending(): void {
    const one = this.pending[0];
    if (one === undefined) return;
    const lead = this.context.headerOctets;
    const left = one.submessage.byteLength - one.at;
    const whole = one.at === 0 && this.fits(left);
    const room = this.context.mtu() - lead - (whole ? 0 : SUBMESSAGE_HEADER_OCTETS);
    const octets = Math.min(left, room);
    const start = lead + (whole ? 0 : SUBMESSAGE_HEADER_OCTETS);
    const message = Buffer.allocUnsafe(start + octets);
    message.set(one.submessage.subarray(one.at, one.at + octets), start);
    if (!whole) {
      const flags = FLAG_LITTLE_ENDIAN | (octets === left ? FLAG_LAST_FRAGMENT : 0);
      encodeSubmessageHeader(message, lead, SubmessageId.FRAGMENT, flags, octets);
    }
    one.at += octets;
    if (one.at === one.submessage.byteLength) this.pending.shift();
    this.launch(message, !whole);
  }
}

/** Where the next submessage begins (DDS-XRCE 1.0, 8.3.4). */
const alignedEnd = ({ octets }: OpenMessage): number => (octets + 3) & ~3;
