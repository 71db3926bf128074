/**
 * DDS-XRCE over a byte stream (DDS-XRCE 1.0, 11.2): each message after its length, u16 little-endian. Takes octets as
 * they come; a message that lies whole in one chunk is given without a copy.
 */
export class LengthPrefixDecoder {
  /** The start of a message, its length included, that the last chunk ended in. */
  private readonly partial: Buffer = Buffer.allocUnsafe(2 + 0xffff);
  private filled = 0;

  /** @param onMessage `message` is borrowed: valid during the call only */
  constructor(private readonly onMessage: (message: Uint8Array) => void) {}

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.byteLength)
      at = this.filled === 0 ? this.takeWhole(chunk, at) : this.takeRest(chunk, at);
  }

  private takeWhole(chunk: Uint8Array, at: number): number {
    const left = chunk.byteLength - at;
    const end = at + 2 + (left < 2 ? 0 : (chunk[at] as number) | ((chunk[at + 1] as number) << 8));
    if (left < 2 || end > chunk.byteLength) return this.keep(chunk, at, left);
    if (end > at + 2) this.onMessage(chunk.subarray(at + 2, end));
    return end;
  }

  private takeRest(chunk: Uint8Array, at: number): number {
    if (this.filled < 2) return this.keep(chunk, at, 1);
    const wanted = 2 + this.partial.readUInt16LE(0) - this.filled;
    const taken = this.keep(chunk, at, Math.min(wanted, chunk.byteLength - at));
    if (taken - at === wanted) {
      const end = this.filled;
      this.filled = 0;
      if (end > 2) this.onMessage(this.partial.subarray(2, end));
    }
    return taken;
  }

  private keep(chunk: Uint8Array, at: number, count: number): number {
    this.partial.set(chunk.subarray(at, at + count), this.filled);
    this.filled += count;
    return at + count;
  }
}

/** @returns the message after its length, in a buffer of its own */
export function encodeLengthPrefixed(message: Uint8Array): Uint8Array {
  const octets = Buffer.allocUnsafe(2 + message.byteLength);
  octets.writeUInt16LE(message.byteLength, 0);
  octets.set(message, 2);
  return octets;
}
