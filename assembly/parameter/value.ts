import { CdrReader, CdrWriter, readStrings, writeStrings } from "../cdr";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { ElementOf } from "../typing";
import { ParameterType, typeName } from "./type";

/**
 * A value of any of ROS's parameter types; it never changes. Kept in the form it has on the wire rather than as an
 * AssemblyScript value of its type, so that one class without type parameters serves them all:
 *
 *     type                          bits                          octets
 *     bool, integer, double         0 or 1; the integer; IEEE 754  null
 *     string                        0                             UTF-8 with its NUL
 *     byte, bool, integer and       0                             the elements; null if there are none
 *     double arrays
 *     string array                  0                             CDR sequence of strings; null if there are none
 */
export class ParameterValue {
  constructor(
    readonly type: u8,
    readonly bits: u64 = 0,
    readonly octets: StaticArray<u8> | null = null,
  ) {}

  /** From a bool, any integer (kept as i64) or float (as f64), a string, or an array of these; u8[] is a byte array. */
  static of<T>(value: T): ParameterValue {
    if (isString<T>()) {
      return new ParameterValue(<u8>ParameterType.String, 0, encodeString(changetype<string>(value)));
    } else if (isBoolean<T>()) {
      return new ParameterValue(<u8>ParameterType.Bool, <u64>value);
    } else if (isInteger<T>()) {
      return new ParameterValue(<u8>ParameterType.Integer, <u64>(<i64>value));
    } else if (isFloat<T>()) {
      return new ParameterValue(<u8>ParameterType.Double, reinterpret<u64>(<f64>value));
    } else if (isArray<T>()) {
      return new ParameterValue(
        typeOf<T>(),
        0,
        encodeArray<ElementOf<T>>(changetype<Array<ElementOf<T>>>(value)),
      );
    } else {
      ERROR("a parameter is a bool, a number, a string, or an array of these");
    }
  }

  /** The value as a T; what `of` takes. Ends the app if it is of another type, or an integer that T does not hold. */
  as<T>(): T {
    const type = typeOf<T>();
    if (this.type != type) fail("parameter is of " + typeName(this.type) + ", not " + typeName(type));
    if (isString<T>()) {
      return changetype<T>(decodeString(this.octets));
    } else if (isBoolean<T>()) {
      return <T>(this.bits != 0);
    } else if (isInteger<T>()) {
      const value = <T>(<i64>this.bits);
      if (<i64>value != <i64>this.bits) fail("integer parameter does not fit its variable");
      return value;
    } else if (isFloat<T>()) {
      return <T>reinterpret<f64>(this.bits);
    } else {
      return changetype<T>(decodeArray<ElementOf<T>>(this.octets));
    }
  }

  /** Reads a rcl_interfaces/msg/ParameterValue. */
  static read(reader: CdrReader): ParameterValue {
    const type = reader.u8();
    let bits: u64 = 0;
    const flag = <u64>reader.bool();
    if (type == <u8>ParameterType.Bool) bits = flag;
    const integer = reader.u64();
    if (type == <u8>ParameterType.Integer) bits = integer;
    const double = reader.u64();
    if (type == <u8>ParameterType.Double) bits = double;
    let octets: StaticArray<u8> | null = null;
    for (let part = <u8>ParameterType.String; part <= <u8>ParameterType.StringArray; part++) {
      const elements = readPart(reader, part);
      if (type == part) octets = elements;
    }
    return new ParameterValue(type, bits, octets);
  }

  /** Writes a rcl_interfaces/msg/ParameterValue. */
  write(writer: CdrWriter): void {
    const type = this.type;
    writer.u8(type);
    writer.bool(type == <u8>ParameterType.Bool && this.bits != 0);
    writer.u64(type == <u8>ParameterType.Integer ? this.bits : 0);
    writer.u64(type == <u8>ParameterType.Double ? this.bits : 0);
    for (let part = <u8>ParameterType.String; part <= <u8>ParameterType.StringArray; part++) {
      writePart(writer, part, type == part ? this.octets : null);
    }
  }
}

function typeOf<T>(): u8 {
  if (isString<T>()) return <u8>ParameterType.String;
  else if (isBoolean<T>()) return <u8>ParameterType.Bool;
  else if (isInteger<T>()) return <u8>ParameterType.Integer;
  else if (isFloat<T>()) return <u8>ParameterType.Double;
  else if (isString<ElementOf<T>>()) return <u8>ParameterType.StringArray;
  else if (isBoolean<ElementOf<T>>()) return <u8>ParameterType.BoolArray;
  else if (isFloat<ElementOf<T>>()) return <u8>ParameterType.DoubleArray;
  else if (sizeof<ElementOf<T>>() == 1 && !isSigned<ElementOf<T>>()) return <u8>ParameterType.ByteArray;
  else return <u8>ParameterType.IntegerArray;
}

function readPart(reader: CdrReader, part: u8): StaticArray<u8> | null {
  switch (part) {
    case <u8>ParameterType.BoolArray:
      return readElements<bool>(reader);
    case <u8>ParameterType.IntegerArray:
    case <u8>ParameterType.DoubleArray:
      return readElements<u64>(reader);
    case <u8>ParameterType.StringArray: {
      const strings = readStrings(reader);
      return strings.length == 0 ? null : encodeStrings(strings);
    }
    case <u8>ParameterType.String:
      return terminated(readElements<u8>(reader));
    default:
      return readElements<u8>(reader);
  }
}

/** With its NUL, which some senders leave out. */
function terminated(octets: StaticArray<u8> | null): StaticArray<u8> | null {
  if (octets === null || octets[octets.length - 1] == 0) return octets;
  const copy = new StaticArray<u8>(octets.length + 1);
  memory.copy(changetype<usize>(copy), changetype<usize>(octets), octets.length);
  return copy;
}

function readElements<T>(reader: CdrReader): StaticArray<u8> | null {
  const count = reader.length(<u32>sizeof<T>());
  if (count == 0) return null;
  const octets = new StaticArray<u8>(count * <i32>sizeof<T>());
  reader.copy<T>(changetype<usize>(octets), count);
  return octets;
}

function writePart(writer: CdrWriter, part: u8, octets: StaticArray<u8> | null): void {
  if (octets === null) {
    if (part == <u8>ParameterType.String) writer.string("");
    else writer.u32(0);
    return;
  }
  const start = changetype<usize>(octets);
  if (part == <u8>ParameterType.StringArray) {
    writer.u32(load<u32>(start));
    writer.copy<u8>(start + 4, octets.length - 4);
  } else if (part == <u8>ParameterType.IntegerArray || part == <u8>ParameterType.DoubleArray) {
    writer.u32(<u32>octets.length >> 3);
    writer.copy<u64>(start, octets.length >> 3);
  } else {
    writer.u32(octets.length);
    writer.copy<u8>(start, octets.length);
  }
}

function encodeString(text: string): StaticArray<u8> {
  const block = utf8(text);
  const length = <i32>sizeOf(block);
  const octets = new StaticArray<u8>(length + 1);
  memory.copy(changetype<usize>(octets), block, length);
  release(block);
  return octets;
}

function decodeString(octets: StaticArray<u8> | null): string {
  if (octets === null) return "";
  return String.UTF8.decodeUnsafe(changetype<usize>(octets), octets.length - 1);
}

function encodeStrings(strings: string[]): StaticArray<u8> {
  const measure = new CdrWriter(0, 0);
  writeStrings(measure, strings);
  const octets = new StaticArray<u8>(measure.length);
  writeStrings(new CdrWriter(changetype<usize>(octets), <u32>octets.length), strings);
  return octets;
}

function encodeArray<E>(values: E[]): StaticArray<u8> | null {
  const count = values.length;
  if (count == 0) return null;
  if (isString<E>()) {
    return encodeStrings(changetype<string[]>(values));
  } else if (isBoolean<E>() || (isInteger<E>() && sizeof<E>() == 1 && !isSigned<E>())) {
    const octets = new StaticArray<u8>(count);
    memory.copy(changetype<usize>(octets), values.dataStart, count);
    return octets;
  } else {
    const octets = new StaticArray<u8>(count << 3);
    let at = changetype<usize>(octets);
    for (let i = 0; i < count; i++, at += 8) {
      if (isFloat<E>()) store<f64>(at, <f64>values[i]);
      else store<i64>(at, <i64>values[i]);
    }
    return octets;
  }
}

function decodeArray<E>(octets: StaticArray<u8> | null): E[] {
  if (octets === null) return [];
  const start = changetype<usize>(octets);
  if (isString<E>()) {
    return changetype<E[]>(readStrings(new CdrReader(start, octets.length)));
  } else if (isBoolean<E>() || (isInteger<E>() && sizeof<E>() == 1 && !isSigned<E>())) {
    const values = new Array<E>(octets.length);
    memory.copy(values.dataStart, start, octets.length);
    return values;
  } else {
    const values = new Array<E>(octets.length >> 3);
    for (let i = 0; i < values.length; i++) {
      const at = start + ((<usize>i) << 3);
      if (isFloat<E>()) values[i] = <E>load<f64>(at);
      else values[i] = <E>load<i64>(at);
    }
    return values;
  }
}
