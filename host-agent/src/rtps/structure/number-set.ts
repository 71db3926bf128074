import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { readSequenceNumber, writeSequenceNumber } from "./sequence-number.js";

/** Largest number of members a set can span (DDSI-RTPS 2.5, 8.3.5.5 and 8.3.5.7). */
export const NUMBER_SET_SPAN = 256;

/**
 * SequenceNumberSet or FragmentNumberSet (9.4.2.6, 9.4.2.8): everything below `base` is known, `members` are
 * listed, ascending, all within 256 of `base`.
 */
export interface NumberSet {
  readonly base: number;
  readonly members: readonly number[];
}

export function readSequenceNumberSet(reader: CdrReader): NumberSet {
  return readSet(reader, readSequenceNumber(reader));
}

export function readFragmentNumberSet(reader: CdrReader): NumberSet {
  return readSet(reader, reader.u32());
}

export function writeSequenceNumberSet(writer: CdrWriter, set: NumberSet): void {
  writeSequenceNumber(writer, set.base);
  writeBitmap(writer, set);
}

export function writeFragmentNumberSet(writer: CdrWriter, set: NumberSet): void {
  writer.u32(set.base);
  writeBitmap(writer, set);
}

/** Bit 0 is the most significant bit of the first u32 and stands for `base`. */
function readSet(reader: CdrReader, base: number): NumberSet {
  const bits = reader.u32();
  if (bits > NUMBER_SET_SPAN) {
    throw new DecodeError(
      "RTPS_NUMBER_SET",
      `${bits} bits, at most 256 allowed`,
      reader.offset - 4,
      "8.3.5.5",
    );
  }
  const members: number[] = [];
  for (let word = 0; word * 32 < bits; word++) {
    const bitmap = reader.u32();
    if (bitmap === 0) continue;
    const inWord = Math.min(32, bits - word * 32);
    for (let bit = 0; bit < inWord; bit++) {
      if (bitmap & (0x80000000 >>> bit)) members.push(base + word * 32 + bit);
    }
  }
  return { base, members };
}

function writeBitmap(writer: CdrWriter, set: NumberSet): void {
  const last = set.members.at(-1);
  const bits = last === undefined ? 0 : last - set.base + 1;
  writer.u32(bits);
  let next = 0;
  for (let word = 0; word * 32 < bits; word++) {
    let bitmap = 0;
    const end = set.base + word * 32 + 32;
    for (let member = set.members[next]; member !== undefined && member < end; member = set.members[++next]) {
      bitmap |= 0x80000000 >>> (member - set.base - word * 32);
    }
    writer.u32(bitmap >>> 0);
  }
}
