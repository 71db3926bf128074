import { deadlineIn } from "./deadline";
import { park } from "./scheduler";

/**
 * Suspends the task that calls it (a request handler, or the app's top-level code) for at least `ms` milliseconds.
 * Everything else goes on meanwhile: other requests, other tasks. `sleep(0)` lets the others run and memory be
 * collected. It can be called from any depth of calls, also inside a callback given to e.g. `Array#forEach`.
 */
export function sleep(ms: i64): void {
  park(deadlineIn(ms), 0);
}
