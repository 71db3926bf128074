import { CLOCK_MONOTONIC, now } from "../env";
import { startAt } from "../task/scheduler";
import { Task } from "../task/task";

/**
 * Calls back once each period, as rcl's timers: the next call is due one period after the last one was due, so that
 * there is no drift. A callback never runs twice at once: calls that fall due while it is still running are made up
 * for by one call, at once, and the others are left out.
 *
 * While it is scheduled it is in the scheduler's list of parked tasks until its deadline. Cancelling leaves it there:
 * it finds out when its time comes.
 */
export class Timer extends Task {
  /** Whether it is in the scheduler's list, or its callback is running. */
  private busy: bool = false;
  private canceled: bool = false;
  /** Monotonic nanoseconds at which the next call is due. */
  private due: i64;

  /** @param periodNs nanoseconds; as in rclpy, a change holds from the call after the next */
  constructor(
    public periodNs: i64,
    readonly callback: () => void,
  ) {
    super();
    this.due = now(CLOCK_MONOTONIC) + periodNs;
    this.schedule();
  }

  /** No more calls, until {@link reset}. */
  cancel(): void {
    this.canceled = true;
  }

  /** The next call is one period from now; a cancelled timer begins anew. */
  reset(): void {
    this.canceled = false;
    this.due = now(CLOCK_MONOTONIC) + this.periodNs;
    if (!this.busy) this.schedule();
  }

  get isCanceled(): bool {
    return this.canceled;
  }

  /** Nanoseconds until the next call is due, below 0 if it is late; i64.MAX_VALUE if cancelled. */
  get timeUntilNextCall(): i64 {
    return this.canceled ? i64.MAX_VALUE : this.due - now(CLOCK_MONOTONIC);
  }

  run(): void {
    this.busy = false;
    if (this.canceled) return;
    this.busy = true;
    const time = now(CLOCK_MONOTONIC);
    // A reset moved it.
    if (this.due <= time) {
      this.advance(time);
      this.callback();
      this.busy = false;
      if (this.canceled) return;
    }
    this.schedule();
  }

  /** To the first time after `time` that is a whole number of periods later. */
  private advance(time: i64): void {
    const period = this.periodNs;
    if (period <= 0) {
      this.due = time;
      return;
    }
    this.due += period;
    if (this.due < time) this.due += ((time - this.due - 1) / period + 1) * period;
  }

  private schedule(): void {
    this.busy = true;
    startAt(this, this.due);
  }
}
