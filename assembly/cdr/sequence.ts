import { CdrError } from "./error";
import { CdrReader } from "./reader";
import { CdrWriter } from "./writer";

/** An array whose length its type fixes. */
export type FixedArray<T> = StaticArray<T>;

/** A sequence of numbers or booleans. @param bound most elements, or 0 for no bound */
export function readNumbers<T>(reader: CdrReader, bound: u32 = 0): T[] {
  const count = reader.length(<u32>sizeof<T>(), bound);
  const values = new Array<T>(count);
  reader.copy<T>(values.dataStart, count);
  return values;
}

export function writeNumbers<T>(writer: CdrWriter, values: T[], bound: u32 = 0): void {
  writer.sequence(values.length, bound);
  writer.copy<T>(values.dataStart, values.length);
}

/** `count` numbers or booleans, no length on the wire. */
export function readFixedNumbers<T>(reader: CdrReader, count: i32): FixedArray<T> {
  const values = new StaticArray<T>(count);
  reader.copy<T>(changetype<usize>(values), count);
  return values;
}

export function writeFixedNumbers<T>(writer: CdrWriter, values: FixedArray<T>, count: i32): void {
  checkLength(writer, values.length, count);
  writer.copy<T>(changetype<usize>(values), values.length);
}

/** A fault of the writer if a fixed-size array has another length than its type says. */
export function checkLength(writer: CdrWriter, length: i32, expected: i32): void {
  if (length != expected) writer.fail(CdrError.ArrayLength);
}
