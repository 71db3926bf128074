import { CLOCK_MONOTONIC, now } from "../env";
import { park } from "./scheduler";

/** About 31 years; more than an i64 of nanoseconds holds would wrap. */
const LONGEST_MS: i64 = 1_000_000_000_000;

/**
 * Suspends the task that calls it (a request handler, or the app's top-level code) for at least `ms` milliseconds.
 * Everything else goes on meanwhile: other requests, other tasks. `sleep(0)` lets the others run and memory be
 * collected. It can be called from any depth of calls, also inside a callback given to e.g. `Array#forEach`.
 */
export function sleep(ms: i64): void {
  park(now(CLOCK_MONOTONIC) + min(max<i64>(ms, 0), LONGEST_MS) * 1_000_000);
}
