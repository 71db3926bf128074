/** SplitMix32: any seed is good, one call is one step. The same seed gives the same numbers for ever. */
export class Random {
  constructor(private state: number) {}

  /** 0 to 2³² − 1. */
  u32(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** At least 0, below 1. */
  fraction(): number {
    return this.u32() / 2 ** 32;
  }

  octets(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.u32() & 0xff);
  }
}
