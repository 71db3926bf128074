import { Message } from "../interface";
import { CdrError } from "./error";
import { CdrReader } from "./reader";
import { CdrWriter } from "./writer";

/** An array whose length its type fixes: `float64[36]` is `FixedArray<f64>` of length 36. */
export type FixedArray<T> = StaticArray<T>;

/** `count` zeros: what a fixed-size array of numbers or booleans begins as. */
export function newNumbers<T>(count: i32): FixedArray<T> {
  return new StaticArray<T>(count);
}

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
  if (length !== expected) writer.fail(CdrError.ArrayLength);
}

/** A sequence of messages. @param octets least size of one on the wire @param bound most elements, or 0 */
export function readMessages<T extends Message>(reader: CdrReader, octets: u32, bound: u32 = 0): T[] {
  const count = reader.length(octets, bound);
  const values = new Array<T>(count);
  for (let i = 0; i < count; i++) {
    const value = instantiate<T>();
    value.deserialize(reader);
    values[i] = value;
  }
  return values;
}

export function writeMessages<T extends Message>(writer: CdrWriter, values: T[], bound: u32 = 0): void {
  writer.sequence(values.length, bound);
  for (let i = 0; i < values.length; i++) values[i].serialize(writer);
}

/** `count` new messages: what a fixed-size array begins as. */
export function newMessages<T extends Message>(count: i32): FixedArray<T> {
  const values = new StaticArray<T>(count);
  for (let i = 0; i < count; i++) values[i] = instantiate<T>();
  return values;
}

export function readFixedMessages<T extends Message>(reader: CdrReader, count: i32): FixedArray<T> {
  const values = newMessages<T>(count);
  for (let i = 0; i < count; i++) values[i].deserialize(reader);
  return values;
}

export function writeFixedMessages<T extends Message>(
  writer: CdrWriter,
  values: FixedArray<T>,
  count: i32,
): void {
  checkLength(writer, values.length, count);
  for (let i = 0; i < values.length; i++) values[i].serialize(writer);
}

/** `count` empty strings. */
export function newStrings(count: i32): FixedArray<string> {
  return new StaticArray<string>(count).fill("");
}

/** A sequence of strings. @param bound most elements, or 0 @param characters most characters of each, or 0 */
export function readStrings(reader: CdrReader, bound: u32 = 0, characters: u32 = 0): string[] {
  const values = new Array<string>(reader.length(4, bound));
  for (let i = 0; i < values.length; i++) values[i] = reader.string(characters);
  return values;
}

export function writeStrings(writer: CdrWriter, values: string[], bound: u32 = 0, characters: u32 = 0): void {
  writer.sequence(values.length, bound);
  for (let i = 0; i < values.length; i++) writer.string(values[i], characters);
}

export function readFixedStrings(reader: CdrReader, count: i32, characters: u32 = 0): FixedArray<string> {
  const values = new StaticArray<string>(count);
  for (let i = 0; i < count; i++) values[i] = reader.string(characters);
  return values;
}

export function writeFixedStrings(
  writer: CdrWriter,
  values: FixedArray<string>,
  count: i32,
  characters: u32 = 0,
): void {
  checkLength(writer, values.length, count);
  for (let i = 0; i < values.length; i++) writer.string(values[i], characters);
}

export function readWideStrings(reader: CdrReader, bound: u32 = 0, characters: u32 = 0): string[] {
  const values = new Array<string>(reader.length(4, bound));
  for (let i = 0; i < values.length; i++) values[i] = reader.wstring(characters);
  return values;
}

export function writeWideStrings(
  writer: CdrWriter,
  values: string[],
  bound: u32 = 0,
  characters: u32 = 0,
): void {
  writer.sequence(values.length, bound);
  for (let i = 0; i < values.length; i++) writer.wstring(values[i], characters);
}

export function readFixedWideStrings(reader: CdrReader, count: i32, characters: u32 = 0): FixedArray<string> {
  const values = new StaticArray<string>(count);
  for (let i = 0; i < count; i++) values[i] = reader.wstring(characters);
  return values;
}

export function writeFixedWideStrings(
  writer: CdrWriter,
  values: FixedArray<string>,
  count: i32,
  characters: u32 = 0,
): void {
  checkLength(writer, values.length, count);
  for (let i = 0; i < values.length; i++) writer.wstring(values[i], characters);
}
