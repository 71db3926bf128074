import { LIMITS } from "../../limits.js";
import type { Client } from "./client.js";
import type { ReliableInputStream } from "./reliable-input-stream.js";
import type { Timer } from "./timers.js";

/**
 * The ACKNACKs to one client for what comes on its reliable streams (DDS-XRCE 1.0, 8.3.5.11 and 8.4.13).
 *
 * States: IDLE (no stream in `due`), SCHEDULED (all in `due` are acknowledged when what has arrived is handled), DELAYED (on
 * a line: when `timer` fires, or the next message is handled).
 */
export class Acknowledgement {
  /** Streams of which messages were handled and not yet acknowledged. */
  private readonly due = new Set<ReliableInputStream>();
  private scheduled = false;
  /** Messages since the last ACKNACK, and the end of its delay: only on a line, see {@link mayWait}. */
  private unacknowledged = 0;
  private readonly timer: Timer;

  constructor(private readonly client: Client) {
    this.timer = client.timers.create(() => this.sendDue());
  }

  /** Acknowledges at once: the client asked, or sent what was not expected. */
  send(input: ReliableInputStream): void {
    this.due.delete(input);
    this.client.sendControl(input.acknack());
  }

  /**
   * Acknowledges when what has arrived is handled: what it sets off (a sample on its way to another client) goes out first, and
   * messages that came together, in one chunk of a serial line or as datagrams one behind the other, have one answer.
   */
  sendSoon(input: ReliableInputStream): void {
    this.due.add(input);
    if (this.scheduled) return;
    if (this.mayWait()) {
      if (!this.timer.scheduled) this.timer.schedule(LIMITS.acknackDelayMs);
      return;
    }
    this.scheduled = true;
    const send = () => this.sendDue();
    const { clock } = this.client.context;
    if (clock.later === undefined) queueMicrotask(send);
    else clock.later(send);
  }

  /** The streams begin anew. */
  reset(): void {
    this.due.clear();
    this.timer.cancel();
    this.unacknowledged = 0;
  }

  /**
   * On a line an ACKNACK takes time (at 115,200 baud 1.7 ms), and the next request of a caller who got a reply is about to come:
   * that goes first. As with TCP (RFC 1122, 4.2.3.2) every second message is acknowledged without delay. Only for our own
   * firmware: another client may have a window of one message and nothing to do but wait.
   */
  private mayWait(): boolean {
    const { peer, rosehip } = this.client;
    return peer.isLine === true && rosehip && ++this.unacknowledged < LIMITS.acknackEvery;
  }

  private sendDue(): void {
    this.timer.cancel();
    this.unacknowledged = 0;
    this.scheduled = false;
    for (const input of this.due) this.send(input);
  }
}
