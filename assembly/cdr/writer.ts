import { CdrError } from "./error";
import { characters } from "./reader";

/** Where single values go that do not fit. */
const DISCARDED: usize = memory.data(8, 8);

/**
 * Writes little-endian XCDR1 into memory it does not own. It writes what fits and counts the rest: after a message,
 * {@link length} is what the message needs, and {@link overflow} says whether the memory was too small for it. So a
 * writer of capacity 0 measures. The first fault sets {@link error}.
 */
export class CdrWriter {
  /** Longest message in octets: what an i32 length holds. */
  static readonly MAX_LENGTH: u32 = i32.MAX_VALUE;

  error: CdrError = CdrError.None;
  private end: u32 = 0;

  /**
   * @param pointer where the first octet goes; alignment counts from it
   * @param capacity octets that may be written
   */
  constructor(
    private readonly pointer: usize,
    private readonly capacity: u32,
  ) {}

  /** Octets the values given so far take, padding between them included. */
  get length(): i32 {
    return <i32>this.end;
  }

  /** Whether more was given than there is room for. */
  get overflow(): bool {
    return this.end > this.capacity;
  }

  /** Records the first fault. */
  fail(error: CdrError): void {
    if (this.error === CdrError.None) this.error = error;
  }

  /** Counts `octets` octets after aligning; returns where they go, or 0 if they do not fit. */
  private room(alignment: u32, octets: u32): usize {
    const start = this.end;
    const at = start + ((0 - start) & (alignment - 1));
    if (octets > CdrWriter.MAX_LENGTH - at) {
      this.fail(CdrError.TooLarge);
      return 0;
    }
    this.end = at + octets;
    if (this.end > this.capacity) return 0;
    if (at !== start) memory.fill(this.pointer + start, 0, at - start);
    return this.pointer + at;
  }

  /** Where one value of `size` octets goes. */
  private one(size: u32): usize {
    const at = this.room(size, size);
    return at === 0 ? DISCARDED : at;
  }

  bool(value: bool): void {
    store<u8>(this.one(1), <u8>value);
  }
  u8(value: u8): void {
    store<u8>(this.one(1), value);
  }
  i8(value: i8): void {
    store<i8>(this.one(1), value);
  }
  u16(value: u16): void {
    store<u16>(this.one(2), value);
  }
  i16(value: i16): void {
    store<i16>(this.one(2), value);
  }
  u32(value: u32): void {
    store<u32>(this.one(4), value);
  }
  i32(value: i32): void {
    store<i32>(this.one(4), value);
  }
  u64(value: u64): void {
    store<u64>(this.one(8), value);
  }
  i64(value: i64): void {
    store<i64>(this.one(8), value);
  }
  f32(value: f32): void {
    store<f32>(this.one(4), value);
  }
  f64(value: f64): void {
    store<f64>(this.one(8), value);
  }

  /** A sequence length. @param bound most elements, or 0 for no bound */
  sequence(count: i32, bound: u32 = 0): void {
    if (bound !== 0 && <u32>count > bound) this.fail(CdrError.Bound);
    this.u32(count);
  }

  /** `count` values of type T that lie one after the other at `source`. */
  copy<T>(source: usize, count: i32): void {
    if (count === 0) return;
    const at = this.room(<u32>sizeof<T>(), <u32>count * <u32>sizeof<T>());
    if (at !== 0) memory.copy(at, source, <usize>count * sizeof<T>());
  }

  /** u32 length that counts the NUL, UTF-8, NUL. Lone surrogates become U+FFFD. @param bound most characters, or 0 */
  string(value: string, bound: u32 = 0): void {
    if (bound !== 0 && characters(value) > bound) this.fail(CdrError.Bound);
    const octets = <u32>String.UTF8.byteLength(value, true);
    this.u32(octets);
    const at = this.room(1, octets);
    if (at === 0) return;
    String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at, true, String.UTF8.ErrorMode.REPLACE);
  }

  /** u32 number of UTF-16 code units, each in a u32 (rmw_fastrtps), no NUL. @param bound most characters, or 0 */
  wstring(value: string, bound: u32 = 0): void {
    if (bound !== 0 && characters(value) > bound) this.fail(CdrError.Bound);
    this.u32(value.length);
    for (let i = 0; i < value.length; i++) this.u32(value.charCodeAt(i));
  }
}
