/** How values, types and names of the interface language are written in AssemblyScript. */
import type { ElementType, PrimitiveName, Scalar } from "../definition.js";

/** Type of a number or boolean; also the name of the reader's and writer's method for it. */
export const NUMBER: Readonly<Record<PrimitiveName, string>> = {
  bool: "bool",
  byte: "u8",
  char: "u8",
  int8: "i8",
  uint8: "u8",
  int16: "i16",
  uint16: "u16",
  int32: "i32",
  uint32: "u32",
  int64: "i64",
  uint64: "u64",
  float32: "f32",
  float64: "f64",
};

/**
 * Names a field can't have in a class: what TypeScript reserves or reads as a modifier, and the methods of Message.
 * Such a field gets an underscore at its end; no field name of ROS 2 ends in one.
 */
const RESERVED = new Set(
  (
    "abstract any as async await boolean break case catch class const constructor continue debugger declare default " +
    "delete deserialize do else enum export extends false fault finally for from function get if implements import in " +
    "instanceof interface is keyof let module namespace never new null of override package private protected public " +
    "readonly require return serialize set static super switch this throw true try type typeof var void while with yield"
  ).split(" "),
);

export function identifier(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

/** @param reference how the class of a message is written where the type is used */
export function elementType(type: ElementType, reference: (typeName: string) => string): string {
  if (type.kind === "message") return reference(type.typeName);
  return type.kind === "string" ? "string" : NUMBER[type.name];
}

export function literal(type: ElementType, value: Scalar): string {
  if (typeof value === "string") return JSON.stringify(value);
  // Negative zero would lose its sign.
  if (Object.is(value, -0)) return "-0.0";
  if (type.kind === "primitive" && type.name.startsWith("float") && Number.isInteger(value)) {
    return value.toString().includes("e") ? value.toString() : `${value}.0`;
  }
  return value === -(2n ** 63n) ? "i64.MIN_VALUE" : value.toString();
}

/** The 32 octets of a type hash as numbers. @param hash `RIHS01_` and 64 hex digits */
export function hashOctets(hash: string): string[] {
  return (hash.slice("RIHS01_".length).match(/../g) ?? []).map((octet) => `0x${octet}`);
}
