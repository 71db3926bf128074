/**
 * Encodes and decodes messages by their definitions, for tools that show values or take them from people. Samples that
 * only pass through never come here.
 */
import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import { DecodeError, RosehipError } from "../../host-agent/src/errors.js";
import { checkInterfaces, leastOctets } from "./check.js";
import {
  type ElementType,
  type Field,
  type FieldType,
  INTEGER_RANGE,
  type MessageDefinition,
  type PrimitiveName,
  type Scalar,
} from "./definition.js";
import type { InterfaceLibrary } from "./library.js";

/** A message: values by field name. 64-bit integers are bigint; byte and char are numbers; arrays are arrays. */
export interface MessageValue {
  [field: string]: FieldValue;
}
export type FieldValue = Scalar | MessageValue | FieldValue[];

export class MessageCodec {
  private readonly definition: MessageDefinition;

  /**
   * @param typeName of a message, or of a part of a service or action: `example_interfaces/srv/AddTwoInts_Request`
   * @throws InterfaceError if it, or a type it refers to, is missing or mistaken
   */
  constructor(
    private readonly library: InterfaceLibrary,
    typeName: string,
  ) {
    checkInterfaces(library, [library.file(typeName)?.definition.typeName ?? typeName]);
    const definition = library.message(typeName);
    if (definition === undefined) {
      throw new RosehipError("IDL_UNKNOWN_TYPE", `${typeName} is not a message but a service or action`, {
        remedy: `Name a part of it: ${typeName}_Request or ${typeName}_Goal`,
      });
    }
    this.definition = definition;
  }

  /** A message as its constructor makes it: zeros, empty strings and sequences, and the defaults of the definition. */
  defaults(): MessageValue {
    return this.defaultMessage(this.definition);
  }

  /**
   * @param payload CDR without encapsulation header; octets after the message are ignored
   * @throws DecodeError CDR_TRUNCATED, CDR_BOUND with the field it was met in
   */
  decode(payload: Uint8Array, littleEndian = true): MessageValue {
    const path: string[] = [];
    try {
      return this.readMessage(new CdrReader(payload, littleEndian), this.definition, path);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(error.code, `${path.join(".")}: ${error.message}`, error.offset);
    }
  }

  /**
   * @param value fields left out take their defaults; numbers and bigints are both taken for integers
   * @returns CDR without encapsulation header
   * @throws CODEC_VALUE naming the field whose value does not fit its type
   */
  encode(value: unknown, littleEndian = true): Uint8Array {
    const writer = new CdrWriter(littleEndian);
    this.writeMessage(writer, this.definition, value, "");
    return writer.copy();
  }

  private nested(typeName: string): MessageDefinition {
    const definition = this.library.message(typeName);
    if (definition === undefined) throw new Error(`${typeName} was there when checked`);
    return definition;
  }

  private defaultMessage(definition: MessageDefinition): MessageValue {
    return Object.fromEntries(definition.fields.map((field) => [field.name, this.defaultField(field)]));
  }

  private defaultField({ type, defaultValue }: Field): FieldValue {
    if (Array.isArray(defaultValue)) return [...(defaultValue as readonly Scalar[])];
    if (defaultValue !== undefined) return defaultValue as Scalar;
    const { element, multiplicity } = type;
    if (multiplicity.kind === "sequence") return [];
    if (multiplicity.kind === "single") return this.defaultElement(element);
    return Array.from({ length: multiplicity.length }, () => this.defaultElement(element));
  }

  private defaultElement(element: ElementType): FieldValue {
    if (element.kind === "message") return this.defaultMessage(this.nested(element.typeName));
    if (element.kind === "string") return "";
    if (element.name === "bool") return false;
    return element.name === "int64" || element.name === "uint64" ? 0n : 0;
  }

  /** @param path names of the fields being read, outermost first; after a fault, of the one it was met in */
  private readMessage(reader: CdrReader, definition: MessageDefinition, path: string[]): MessageValue {
    if (definition.fields.length === 0) reader.u8();
    const value: MessageValue = {};
    for (const { name, type } of definition.fields) {
      path.push(name);
      value[name] = this.readField(reader, type, path);
      path.pop();
    }
    return value;
  }

  private readField(reader: CdrReader, { element, multiplicity }: FieldType, path: string[]): FieldValue {
    if (multiplicity.kind === "single") return this.readElement(reader, element, path);
    const length =
      multiplicity.kind === "array"
        ? multiplicity.length
        : reader.length(this.elementOctets(element), multiplicity.bound);
    return Array.from({ length }, () => this.readElement(reader, element, path));
  }

  /** Least octets of one element on the wire; never 0. */
  private elementOctets(element: ElementType): number {
    if (element.kind === "message") return leastOctets(this.library, this.nested(element.typeName));
    return element.kind === "string" ? 4 : PRIMITIVE[element.name].octets;
  }

  private readElement(reader: CdrReader, element: ElementType, path: string[]): FieldValue {
    if (element.kind === "message") return this.readMessage(reader, this.nested(element.typeName), path);
    if (element.kind === "primitive") return PRIMITIVE[element.name].read(reader);
    const at = reader.offset;
    const { bound } = element;
    // A character takes at most four octets or two code units: this bounds what is decoded; the count is checked after.
    const text = element.wide
      ? readWideString(reader, bound === undefined ? undefined : 2 * bound)
      : reader.string(bound === undefined ? undefined : 4 * bound + 1);
    if (bound !== undefined && [...text].length > bound) {
      throw new DecodeError("CDR_BOUND", `the string has more than ${bound} characters`, at);
    }
    return text;
  }

  private writeMessage(writer: CdrWriter, definition: MessageDefinition, value: unknown, path: string): void {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw misfit(path, `an object with the fields of ${definition.typeName}`, value);
    }
    const known = new Set(definition.fields.map(({ name }) => name));
    const unknown = Object.keys(value).find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new RosehipError("CODEC_VALUE", `${definition.typeName} has no field '${unknown}'`, {
        where: join(path, unknown),
        remedy: known.size === 0 ? "It has no fields" : `Its fields are ${[...known].join(", ")}`,
      });
    }
    if (known.size === 0) writer.u8(0);
    for (const field of definition.fields) {
      const given = Object.hasOwn(value, field.name)
        ? (value as Record<string, unknown>)[field.name]
        : undefined;
      this.writeField(writer, field.type, given ?? this.defaultField(field), join(path, field.name));
    }
  }

  private writeField(writer: CdrWriter, type: FieldType, value: unknown, path: string): void {
    const { element, multiplicity } = type;
    if (multiplicity.kind === "single") {
      this.writeElement(writer, element, value, path);
      return;
    }
    const values = Array.isArray(value)
      ? value
      : ArrayBuffer.isView(value)
        ? [...(value as Uint8Array)]
        : undefined;
    if (multiplicity.kind === "array") {
      if (values?.length !== multiplicity.length)
        throw misfit(path, `an array of ${multiplicity.length}`, value);
    } else {
      const bound = multiplicity.bound ?? Number.POSITIVE_INFINITY;
      const expected = multiplicity.bound === undefined ? "an array" : `an array of at most ${bound}`;
      if (values === undefined || values.length > bound) throw misfit(path, expected, value);
      writer.u32(values.length);
    }
    for (const [i, one] of values.entries()) this.writeElement(writer, element, one, `${path}[${i}]`);
  }

  private writeElement(writer: CdrWriter, element: ElementType, value: unknown, path: string): void {
    if (element.kind === "message") {
      this.writeMessage(writer, this.nested(element.typeName), value, path);
    } else if (element.kind === "primitive") {
      writePrimitive(writer, element.name, value, path);
    } else {
      const bound = element.bound ?? Number.POSITIVE_INFINITY;
      if (typeof value !== "string" || [...value].length > bound) {
        throw misfit(
          path,
          element.bound === undefined ? "a string" : `a string of at most ${bound} characters`,
          value,
        );
      }
      if (element.wide) writeWideString(writer, value);
      else writer.string(value);
    }
  }
}

interface PrimitiveCodec {
  readonly octets: number;
  read(reader: CdrReader): Scalar;
  write(writer: CdrWriter, value: number, big: bigint): void;
}

const octet: PrimitiveCodec = { octets: 1, read: (r) => r.u8(), write: (w, value) => w.u8(value) };

const PRIMITIVE: Readonly<Record<PrimitiveName, PrimitiveCodec>> = {
  // Any octet but 0 is true, as for rmw_fastrtps.
  bool: { octets: 1, read: (r) => r.u8() !== 0, write: (w, value) => w.u8(value) },
  byte: octet,
  char: octet,
  uint8: octet,
  int8: { octets: 1, read: (r) => r.i8(), write: (w, value) => w.i8(value) },
  int16: { octets: 2, read: (r) => r.i16(), write: (w, value) => w.i16(value) },
  uint16: { octets: 2, read: (r) => r.u16(), write: (w, value) => w.u16(value) },
  int32: { octets: 4, read: (r) => r.i32(), write: (w, value) => w.i32(value) },
  uint32: { octets: 4, read: (r) => r.u32(), write: (w, value) => w.u32(value) },
  int64: { octets: 8, read: (r) => r.i64(), write: (w, _, big) => w.i64(big) },
  uint64: { octets: 8, read: (r) => r.u64(), write: (w, _, big) => w.u64(big) },
  float32: { octets: 4, read: (r) => r.f32(), write: (w, value) => w.f32(value) },
  float64: { octets: 8, read: (r) => r.f64(), write: (w, value) => w.f64(value) },
};

function writePrimitive(writer: CdrWriter, name: PrimitiveName, value: unknown, path: string): void {
  if (name === "bool") {
    if (typeof value !== "boolean") throw misfit(path, "true or false", value);
    PRIMITIVE.bool.write(writer, value ? 1 : 0, 0n);
  } else if (name === "float32" || name === "float64") {
    if (typeof value !== "number" && typeof value !== "bigint") throw misfit(path, "a number", value);
    PRIMITIVE[name].write(writer, Number(value), 0n);
  } else {
    const { least, most } = INTEGER_RANGE[name];
    const big =
      typeof value === "bigint" ? value : Number.isInteger(value) ? BigInt(value as number) : undefined;
    if (big === undefined || big < least || big > most)
      throw misfit(path, `an integer from ${least} to ${most}`, value);
    PRIMITIVE[name].write(writer, Number(big), big);
  }
}

/** u32 number of UTF-16 code units, each in a u32, no NUL: rmw_fastrtps in Jazzy and Kilted. */
function readWideString(reader: CdrReader, mostUnits: number | undefined): string {
  const units = Array.from({ length: reader.length(4, mostUnits) }, () => reader.u32() & 0xffff);
  let text = "";
  for (let i = 0; i < units.length; i += 4096) text += String.fromCharCode(...units.slice(i, i + 4096));
  return text;
}

function writeWideString(writer: CdrWriter, text: string): void {
  writer.u32(text.length);
  for (let i = 0; i < text.length; i++) writer.u32(text.charCodeAt(i));
}

function join(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

function misfit(path: string, expected: string, value: unknown): RosehipError {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : describe(value);
  const name = path === "" ? "The value" : `'${path}'`;
  return new RosehipError("CODEC_VALUE", `${name} is ${shown}, expected ${expected}`, {
    where: path === "" ? "the message" : path,
    remedy: `Give ${expected}`,
  });
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
