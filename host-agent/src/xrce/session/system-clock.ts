import type { Clock } from "./timers.js";

/** Wall and monotonic clock may drift apart by this much before they are compared anew (NTP steps and slews). */
const MAX_DRIFT_NS = 2_000_000n;
/** setTimeout's longest time; a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The operating system's clocks. The wall clock has the monotonic one's resolution, and follows the system's time. */
export function systemClock(): Clock {
  let offsetNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return {
    monotonicMs: () => performance.now(),
    wallNs: () => {
      const fine = offsetNs + process.hrtime.bigint();
      const coarse = BigInt(Date.now()) * 1_000_000n;
      const drift = fine - coarse;
      if (drift <= MAX_DRIFT_NS && drift >= -MAX_DRIFT_NS) return fine;
      offsetNs += coarse - fine;
      return coarse;
    },
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.min(Math.ceil(delayMs), LONGEST_MS));
      return () => clearTimeout(timer);
    },
    later: setImmediate,
  };
}
