import { CdrError } from "./error";

/** What a read that fails points at: zeros, never written. */
const ZEROS: usize = memory.data(8, 8);

/**
 * Reads XCDR1 (OMG CDR, DDS-XTypes 1.3, 7.4.1) of either byte order out of memory it does not own. Alignment counts
 * from the first octet. It never traps on hostile bytes: the first fault sets {@link error}, and every read from then
 * on gives zero, "" or an empty array.
 */
export class CdrReader {
  error: CdrError = CdrError.None;
  private at: usize;
  private readonly origin: usize;
  private readonly end: usize;

  /**
   * @param pointer first octet after the encapsulation header
   * @param length octets that may be read
   * @param bigEndian whether the payload is big-endian
   */
  constructor(
    pointer: usize,
    length: i32,
    private readonly bigEndian: bool = false,
  ) {
    this.at = pointer;
    this.origin = pointer;
    this.end = pointer + <usize>length;
  }

  /** Octets between the cursor and the end. */
  get remaining(): u32 {
    return <u32>(this.end - this.at);
  }

  /** Records the first fault and moves to the end, so that nothing more is read. */
  fail(error: CdrError): void {
    if (this.error === CdrError.None) this.error = error;
    this.at = this.end;
  }

  /** Address of `octets` octets after aligning, or 0 if they are not there. */
  private take(alignment: usize, octets: usize): usize {
    const at = this.at + ((this.origin - this.at) & (alignment - 1));
    if (at > this.end || octets > this.end - at) {
      this.fail(CdrError.Truncated);
      return 0;
    }
    this.at = at + octets;
    return at;
  }

  /** Address of one value of `size` octets, or of zeros. */
  private one(size: usize): usize {
    const at = this.take(size, size);
    return at === 0 ? ZEROS : at;
  }

  /** Any octet but 0 is true, as for Fast CDR. */
  bool(): bool {
    return load<u8>(this.one(1)) !== 0;
  }
  u8(): u8 {
    return load<u8>(this.one(1));
  }
  i8(): i8 {
    return load<i8>(this.one(1));
  }
  u16(): u16 {
    const value = load<u16>(this.one(2));
    return this.bigEndian ? bswap(value) : value;
  }
  i16(): i16 {
    return <i16>this.u16();
  }
  u32(): u32 {
    const value = load<u32>(this.one(4));
    return this.bigEndian ? bswap(value) : value;
  }
  i32(): i32 {
    return <i32>this.u32();
  }
  u64(): u64 {
    const value = load<u64>(this.one(8));
    return this.bigEndian ? bswap(value) : value;
  }
  i64(): i64 {
    return <i64>this.u64();
  }
  f32(): f32 {
    return reinterpret<f32>(this.u32());
  }
  f64(): f64 {
    return reinterpret<f64>(this.u64());
  }

  /**
   * A sequence length, checked before anything is allocated for it.
   * @param octets least size of one element on the wire, at least 1
   * @param bound most elements, or 0 for no bound
   */
  length(octets: u32, bound: u32 = 0): i32 {
    const count = this.u32();
    if (bound !== 0 && count > bound) {
      this.fail(CdrError.Bound);
      return 0;
    }
    if (count > this.remaining / octets) {
      this.fail(CdrError.Truncated);
      return 0;
    }
    return <i32>count;
  }

  /** Copies `count` values of type T to `target`, in the byte order of this machine. Nothing is copied on a fault. */
  copy<T>(target: usize, count: i32): void {
    if (count === 0) return;
    const octets = <usize>count * sizeof<T>();
    const at = this.take(sizeof<T>(), octets);
    if (at === 0) return;
    memory.copy(target, at, octets);
    if (sizeof<T>() > 1 && this.bigEndian) swap<T>(target, octets);
    if (isBoolean<T>()) {
      for (let i: usize = 0; i < octets; i++) store<bool>(target + i, load<u8>(target + i) !== 0);
    }
  }

  /**
   * u32 length that counts the NUL, UTF-8, NUL; a length of 0 and a missing NUL are accepted, as by Fast CDR. Octets that
   * are not UTF-8 give some text, unspecified which.
   * @param bound most characters, or 0 for no bound
   */
  string(bound: u32 = 0): string {
    // A character takes at most four octets, so this holds before it is decoded; the exact bound is checked after.
    const octets = this.length(1, bound === 0 ? 0 : 4 * bound + 1);
    if (octets === 0) return "";
    const at = this.take(1, octets);
    const terminated = load<u8>(at + octets - 1) === 0;
    const value = String.UTF8.decodeUnsafe(at, terminated ? octets - 1 : octets);
    if (bound !== 0 && characters(value) > bound) {
      this.fail(CdrError.Bound);
      return "";
    }
    return value;
  }

  /** u32 number of UTF-16 code units, each in a u32 (rmw_fastrtps), no NUL. @param bound most characters, or 0 */
  wstring(bound: u32 = 0): string {
    const count = this.length(4, 2 * bound);
    if (count === 0) return "";
    const value = changetype<string>(__new((<usize>count) << 1, idof<string>()));
    for (let i = 0; i < count; i++) store<u16>(changetype<usize>(value) + ((<usize>i) << 1), <u16>this.u32());
    if (bound !== 0 && characters(value) > bound) {
      this.fail(CdrError.Bound);
      return "";
    }
    return value;
  }
}

/** Unicode characters of a text: bounds of ROS strings count these, as rclpy does. */
export function characters(text: string): u32 {
  let count: u32 = 0;
  for (let i = 0; i < text.length; i++) {
    // The second half of a surrogate pair does not count again.
    const low = (text.charCodeAt(i) & 0xfc00) === 0xdc00;
    if (!low || i === 0 || (text.charCodeAt(i - 1) & 0xfc00) !== 0xd800) count++;
  }
  return count;
}

function swap<T>(at: usize, octets: usize): void {
  const end = at + octets;
  for (; at < end; at += sizeof<T>()) {
    if (sizeof<T>() === 2) store<u16>(at, bswap(load<u16>(at)));
    else if (sizeof<T>() === 4) store<u32>(at, bswap(load<u32>(at)));
    else store<u64>(at, bswap(load<u64>(at)));
  }
}
