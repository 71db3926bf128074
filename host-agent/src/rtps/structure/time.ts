import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/** Durations on the wire: i32 seconds and u32 of 2^-32 seconds (DDSI-RTPS 2.5, 9.3.2.5). */
const NANOSECONDS = 1_000_000_000n;
const FRACTIONS = 1n << 32n;
const INFINITE_SECONDS = 0x7fffffff;

/** @returns nanoseconds, or undefined for DURATION_INFINITE (seconds 0x7fffffff, whatever the fraction) */
export function readDuration(reader: CdrReader): bigint | undefined {
  const seconds = reader.i32();
  const fraction = reader.u32();
  if (seconds === INFINITE_SECONDS) return undefined;
  // Rounded to the nearest nanosecond, so that a value written by writeDuration reads back unchanged.
  return BigInt(seconds) * NANOSECONDS + (BigInt(fraction) * NANOSECONDS + FRACTIONS / 2n) / FRACTIONS;
}

/** @param nanoseconds not negative; undefined is infinite */
export function writeDuration(writer: CdrWriter, nanoseconds: bigint | undefined): void {
  const seconds = nanoseconds === undefined ? BigInt(INFINITE_SECONDS) : nanoseconds / NANOSECONDS;
  if (nanoseconds === undefined || seconds >= BigInt(INFINITE_SECONDS)) {
    writer.i32(INFINITE_SECONDS);
    writer.u32(0xffffffff);
    return;
  }
  writer.i32(Number(seconds));
  writer.u32(Number(((nanoseconds % NANOSECONDS) * FRACTIONS + NANOSECONDS - 1n) / NANOSECONDS) >>> 0);
}

export const nanosecondsToMs = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;
