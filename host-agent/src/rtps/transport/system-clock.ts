import type { Clock } from "../behavior/scheduler.js";

/** The host's clocks and one timer. */
export class SystemClock implements Clock {
  private timer: NodeJS.Timeout | undefined;

  now(): number {
    return performance.now();
  }

  epoch(): number {
    return Date.now();
  }

  wakeAfter(delayMs: number | undefined, wake: () => void): void {
    clearTimeout(this.timer);
    // setTimeout takes at most 2^31 - 1 ms; waking early is harmless.
    this.timer =
      delayMs === undefined ? undefined : setTimeout(wake, Math.min(Math.ceil(delayMs), 2 ** 31 - 1));
  }
}
