/** Sequence numbers of streams: 16 bits with the serial-number arithmetic of RFC 1982 (DDS-XRCE 1.0, 8.3.2.3). */
export const addSequence = (base: number, count: number): number => (base + count) & 0xffff;

/** How far `later` is after `earlier`: -32768 to 32767, negative if it is before. */
export const sequenceDistance = (later: number, earlier: number): number => ((later - earlier) << 16) >> 16;
