import { CLOCK_MONOTONIC, now } from "../env";
import { NS_PER_MS } from "../task/deadline";

// rclpy's logging filters. It tells places in a program apart by their call stack; here each place has an object:
//
//   const every5s = new Throttle(5000);
//   …
//   if (every5s.shouldLog()) node.logger.warn("battery low");

/** Lets the first line through and no other. */
export class Once {
  private done: bool = false;

  shouldLog(): bool {
    const first = !this.done;
    this.done = true;
    return first;
  }
}

/** Keeps the first line back and lets all others through. */
export class SkipFirst {
  private begun: bool = false;

  shouldLog(): bool {
    const begun = this.begun;
    this.begun = true;
    return begun;
  }
}

/** Lets a line through if the last one was at least `durationMs` milliseconds ago. */
export class Throttle {
  private due: i64 = 0;

  constructor(private readonly durationMs: i64) {}

  shouldLog(): bool {
    const time = now(CLOCK_MONOTONIC);
    if (time < this.due) return false;
    this.due = time + this.durationMs * NS_PER_MS;
    return true;
  }
}
