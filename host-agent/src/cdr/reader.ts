import { DecodeError } from "../errors.js";

const utf8 = new TextDecoder("utf-8");

/**
 * A bounded cursor over XCDR1 (OMG CDR, "plain CDR": DDS-XTypes 1.3, 7.4.1). Alignment counts from `origin`,
 * which is the start of the view unless given. Every read is checked against the view's own end, never the
 * backing buffer's. Views handed out are borrowed: they share memory with the input and live as long as it.
 */
export class CdrReader {
  private readonly view: DataView;
  private position: number;
  private readonly end: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly littleEndian = true,
    private readonly origin = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.end = bytes.byteLength;
  }

  /** Octets consumed so far, counted from the start of the view. */
  get offset(): number {
    return this.position;
  }

  /** Octets between the cursor and the end of the view. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** Moves to the next multiple of `size` counted from the origin. @throws CDR_TRUNCATED */
  align(size: number): void {
    const misaligned = (this.position - this.origin) & (size - 1);
    if (misaligned !== 0) this.skip(size - misaligned);
  }

  /** @throws CDR_TRUNCATED if fewer than `count` octets are left */
  skip(count: number): void {
    this.take(count);
  }

  private take(count: number): number {
    const at = this.position;
    if (count < 0 || count > this.end - at) {
      throw new DecodeError("CDR_TRUNCATED", `${count} octets wanted, ${this.end - at} left`, at);
    }
    this.position = at + count;
    return at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  i8(): number {
    return this.view.getInt8(this.take(1));
  }
  u16(): number {
    this.align(2);
    return this.view.getUint16(this.take(2), this.littleEndian);
  }
  i16(): number {
    this.align(2);
    return this.view.getInt16(this.take(2), this.littleEndian);
  }
  u32(): number {
    this.align(4);
    return this.view.getUint32(this.take(4), this.littleEndian);
  }
  i32(): number {
    this.align(4);
    return this.view.getInt32(this.take(4), this.littleEndian);
  }
  u64(): bigint {
    this.align(8);
    return this.view.getBigUint64(this.take(8), this.littleEndian);
  }
  i64(): bigint {
    this.align(8);
    return this.view.getBigInt64(this.take(8), this.littleEndian);
  }
  f32(): number {
    this.align(4);
    return this.view.getFloat32(this.take(4), this.littleEndian);
  }
  f64(): number {
    this.align(8);
    return this.view.getFloat64(this.take(8), this.littleEndian);
  }

  /** One octet, 0 or 1. @throws CDR_BOOLEAN for any other value */
  boolean(): boolean {
    const value = this.u8();
    if (value > 1) throw new DecodeError("CDR_BOOLEAN", `${value} is neither 0 nor 1`, this.position - 1);
    return value === 1;
  }

  /** `count` octets, borrowed. @throws CDR_TRUNCATED */
  borrow(count: number): Uint8Array {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** All octets that are left, borrowed. */
  rest(): Uint8Array {
    return this.borrow(this.remaining);
  }

  /**
   * A string: u32 length that counts the NUL, UTF-8 octets, NUL. A length of 0 (sent by some vendors) and a
   * missing NUL are both accepted, as Fast CDR accepts them.
   * @param maxOctets largest length accepted, the NUL included
   * @throws CDR_TRUNCATED, CDR_BOUND
   */
  string(maxOctets = Number.MAX_SAFE_INTEGER): string {
    const octets = this.length(1, maxOctets);
    const raw = this.borrow(octets);
    return utf8.decode(octets > 0 && raw[octets - 1] === 0 ? raw.subarray(0, octets - 1) : raw);
  }

  /**
   * A sequence length, checked before anything is allocated for it.
   * @param elementOctets least size of one element in octets (0 for empty structures)
   * @throws CDR_BOUND above `max`, CDR_TRUNCATED if that many elements cannot be in what is left
   */
  length(elementOctets: number, max = Number.MAX_SAFE_INTEGER): number {
    const count = this.u32();
    const at = this.position - 4;
    if (count > max) throw new DecodeError("CDR_BOUND", `length ${count} is over the bound ${max}`, at);
    if (count * elementOctets > this.remaining) {
      throw new DecodeError(
        "CDR_TRUNCATED",
        `length ${count} needs more than the ${this.remaining} octets left`,
        at,
      );
    }
    return count;
  }
}
