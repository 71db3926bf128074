import { CLOCK_MONOTONIC, now } from "../env";

/** About 31 years; more than an i64 of nanoseconds holds would wrap. */
const LONGEST_MS: i64 = 1_000_000_000_000;

/** For time-outs: no limit. */
export const FOREVER: i64 = i64.MAX_VALUE;

export const NS_PER_MS: i64 = 1_000_000;

/** The monotonic time, in nanoseconds, `ms` milliseconds from now; below 0 counts as 0. */
export function deadlineIn(ms: i64): i64 {
  return now(CLOCK_MONOTONIC) + min(max<i64>(ms, 0), LONGEST_MS) * NS_PER_MS;
}
