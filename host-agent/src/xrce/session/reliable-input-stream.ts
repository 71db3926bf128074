import { LIMITS } from "../../limits.js";
import type { Acknack } from "../message/acknack.js";
import { addSequence, sequenceDistance } from "./sequence-number.js";

/**
 * The receiving end of a reliable stream (DDS-XRCE 1.0, 8.4.13 and 8.4.14).
 *
 * `expected` is the next message to be handled. Messages up to 16 ahead of it are kept (copied) until the gap is
 * filled; anything else is dropped, and the sender's heartbeats bring it back. Messages are handled in order, one
 * at a time, and acknowledged only after that: a handler that cannot go on leaves them here, unacknowledged.
 */
export class ReliableInputStream {
  private expected = 0;
  /** The newest message known to exist: `expected - 1` if none is open. */
  private newest = 0xffff;
  private readonly early = new Map<number, Uint8Array>();
  /** Messages the sender gave up before they arrived. */
  skipped = 0;

  constructor(readonly id: number) {}

  /**
   * Takes a message in.
   * @param ready whether the handler can take a message right now
   * @returns the message itself if it is the one expected and can be handled at once without a copy
   */
  receive(sequenceNumber: number, message: Uint8Array, ready: boolean): Uint8Array | undefined {
    const ahead = sequenceDistance(sequenceNumber, this.expected);
    if (ahead < 0 || ahead >= LIMITS.reliableWindow) return undefined; // handled before, or beyond the window
    this.see(sequenceNumber);
    if (this.early.has(sequenceNumber)) return undefined;
    if (ahead === 0 && ready) return message;
    this.early.set(sequenceNumber, new Uint8Array(message));
    return undefined;
  }

  /** The expected message, if it arrived early. */
  next(): Uint8Array | undefined {
    return this.early.get(this.expected);
  }

  /** The expected message has been handled. */
  handled(): void {
    this.early.delete(this.expected);
    this.see(this.expected);
    this.expected = addSequence(this.expected, 1);
  }

  /** @returns how many messages the sender has given up that never arrived */
  onHeartbeat(firstUnacked: number, last: number): number {
    const ahead = sequenceDistance(firstUnacked, this.expected);
    let lost = 0;
    for (let i = 0; i < ahead; i++) {
      if (!this.early.delete(this.expected)) lost++;
      this.expected = addSequence(this.expected, 1);
    }
    if (sequenceDistance(this.newest, addSequence(this.expected, -1)) < 0)
      this.newest = addSequence(this.expected, -1);
    if (sequenceDistance(last, this.expected) < LIMITS.reliableWindow) this.see(last);
    else this.see(addSequence(this.expected, LIMITS.reliableWindow - 1));
    this.skipped += lost;
    return lost;
  }

  acknack(): Acknack {
    let missing = 0;
    const open = sequenceDistance(this.newest, this.expected) + 1;
    for (let i = 0; i < open && i < LIMITS.reliableWindow; i++) {
      if (!this.early.has(addSequence(this.expected, i))) missing |= 1 << i;
    }
    return { kind: "acknack", firstUnacked: this.expected, missing, streamId: this.id };
  }

  reset(): void {
    this.expected = 0;
    this.newest = 0xffff;
    this.early.clear();
  }

  private see(sequenceNumber: number): void {
    if (sequenceDistance(sequenceNumber, this.newest) > 0) this.newest = sequenceNumber;
  }
}
