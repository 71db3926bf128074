import { RosehipError } from "../errors.js";

const utf8 = new TextEncoder();

/**
 * Writes XCDR1 into a buffer that grows up to `limit` octets. Alignment counts from `origin` and pads with 0.
 * The counterpart of {@link CdrReader}.
 */
export class CdrWriter {
  private buffer: Uint8Array;
  private view: DataView;
  private position = 0;

  constructor(
    readonly littleEndian = true,
    initial = 256,
    private readonly limit = 64 * 1024 * 1024,
    private readonly origin = 0,
  ) {
    this.buffer = new Uint8Array(initial);
    this.view = new DataView(this.buffer.buffer);
  }

  get offset(): number {
    return this.position;
  }

  /** What has been written, borrowed: the next write may move it. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.position);
  }

  /** What has been written, as an array of the caller's own. */
  copy(): Uint8Array {
    return this.buffer.slice(0, this.position);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.position = 0;
  }

  /** Makes room and returns where it is. Replaces buffer and view: look at those only after it. */
  private room(count: number): number {
    const at = this.position;
    const needed = at + count;
    if (needed > this.buffer.byteLength) {
      if (needed > this.limit)
        throw new RosehipError("CDR_LIMIT", `${needed} octets are over the limit ${this.limit}`);
      const grown = new Uint8Array(Math.min(this.limit, Math.max(needed, this.buffer.byteLength * 2)));
      grown.set(this.buffer.subarray(0, at));
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    this.position = needed;
    return at;
  }

  align(size: number): void {
    const misaligned = (this.position - this.origin) & (size - 1);
    if (misaligned === 0) return;
    const at = this.room(size - misaligned);
    this.buffer.fill(0, at, this.position);
  }

  u8(value: number): void {
    const at = this.room(1);
    this.view.setUint8(at, value);
  }
  i8(value: number): void {
    const at = this.room(1);
    this.view.setInt8(at, value);
  }
  u16(value: number): void {
    this.align(2);
    const at = this.room(2);
    this.view.setUint16(at, value, this.littleEndian);
  }
  i16(value: number): void {
    this.align(2);
    const at = this.room(2);
    this.view.setInt16(at, value, this.littleEndian);
  }
  u32(value: number): void {
    this.align(4);
    const at = this.room(4);
    this.view.setUint32(at, value, this.littleEndian);
  }
  i32(value: number): void {
    this.align(4);
    const at = this.room(4);
    this.view.setInt32(at, value, this.littleEndian);
  }
  u64(value: bigint): void {
    this.align(8);
    const at = this.room(8);
    this.view.setBigUint64(at, value, this.littleEndian);
  }
  i64(value: bigint): void {
    this.align(8);
    const at = this.room(8);
    this.view.setBigInt64(at, value, this.littleEndian);
  }
  f32(value: number): void {
    this.align(4);
    const at = this.room(4);
    this.view.setFloat32(at, value, this.littleEndian);
  }
  f64(value: number): void {
    this.align(8);
    const at = this.room(8);
    this.view.setFloat64(at, value, this.littleEndian);
  }
  boolean(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** Octets as they are, unaligned. */
  raw(octets: Uint8Array): void {
    const at = this.room(octets.byteLength);
    this.buffer.set(octets, at);
  }

  /** u32 length with the NUL, UTF-8, NUL. */
  string(value: string): void {
    const octets = utf8.encode(value);
    this.u32(octets.byteLength + 1);
    this.raw(octets);
    this.u8(0);
  }

  /** Overwrites a u16 written before, e.g. a length that is known only at the end. */
  patchU16(at: number, value: number): void {
    this.view.setUint16(at, value, this.littleEndian);
  }

  patchU32(at: number, value: number): void {
    this.view.setUint32(at, value, this.littleEndian);
  }
}
