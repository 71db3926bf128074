import type { Clock } from "../../../../host-agent/src/xrce/session/timers.js";

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  private nowMs = 1_000;
  private readonly appointments: { readonly at: number; readonly callback: () => void }[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  wallNs(): bigint {
    return 1_700_000_000_000_000_000n + BigInt(Math.round(this.nowMs * 1e6));
  }

  after(delayMs: number, callback: () => void): () => void {
    const appointment = { at: this.nowMs + delayMs, callback };
    this.appointments.push(appointment);
    return () => {
      const index = this.appointments.indexOf(appointment);
      if (index >= 0) this.appointments.splice(index, 1);
    };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.appointments.length;
  }

  /** Lets time pass, calling what falls due in order. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const due = this.appointments.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.appointments.splice(this.appointments.indexOf(due), 1);
      this.nowMs = Math.max(this.nowMs, due.at);
      due.callback();
    }
    this.nowMs = end;
  }
}
