import { LIMITS } from "../../limits.js";
import type { Fragment } from "../message/fragment.js";

/** A buffer up to this size is kept for the next submessage; a larger one is given back after use. */
const KEPT_OCTETS = 16 * 1024;

/**
 * Puts a submessage together from its fragments (DDS-XRCE 1.0, 8.4.14). Holds at most `sampleOctets`: the rest of a
 * larger one is thrown away up to its last fragment, and the loss is told once.
 */
export class FragmentAssembly {
  private buffer: Uint8Array = new Uint8Array(0);
  private filled = 0;
  private overflowed = false;

  /**
   * @returns the whole submessage after its last fragment (borrowed until the next call), "too_large" once for a
   *   submessage over the limit, undefined while there is more to come
   */
  push(fragment: Fragment): Uint8Array | "too_large" | undefined {
    const { piece, last } = fragment;
    const fits = !this.overflowed && this.filled + piece.byteLength <= LIMITS.sampleOctets;
    if (fits) this.append(piece);
    const justOverflowed = !fits && !this.overflowed;
    this.overflowed = !fits;
    const whole = fits && last ? this.buffer.subarray(0, this.filled) : undefined;
    if (last) {
      this.filled = 0;
      this.overflowed = false;
      if (this.buffer.byteLength > KEPT_OCTETS) this.buffer = new Uint8Array(0);
    }
    return justOverflowed ? "too_large" : whole;
  }

  /** The first octets of what has come so far, borrowed: enough to name the request of an over-size submessage. */
  get start(): Uint8Array {
    return this.buffer.subarray(0, 8);
  }

  reset(): void {
    this.buffer = new Uint8Array(0);
    this.filled = 0;
    this.overflowed = false;
  }

  private append(piece: Uint8Array): void {
    const needed = this.filled + piece.byteLength;
    if (needed > this.buffer.byteLength) {
      const grown = new Uint8Array(
        Math.min(LIMITS.sampleOctets, Math.max(needed, 2 * this.buffer.byteLength)),
      );
      grown.set(this.buffer.subarray(0, this.filled));
      this.buffer = grown;
    }
    this.buffer.set(piece, this.filled);
    this.filled = needed;
  }
}
