const NS_PER_MS = 1_000_000n;

/** Time that passes only when it is told to. */
export class VirtualClock {
  private time = 0n;

  /** Monotonic nanoseconds since the board started. */
  get now(): bigint {
    return this.time;
  }

  /** Moves on to `time`; never back. */
  advanceTo(time: bigint): void {
    if (time > this.time) this.time = time;
  }
}

export function milliseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * (NS_PER_MS / 1000n);
}
