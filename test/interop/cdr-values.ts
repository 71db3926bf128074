/** Values in the form of cdr_values.py. */
import type { MessageValue } from "../../toolchain/interface/codec.js";
import type { ElementType, FieldType } from "../../toolchain/interface/definition.js";
import type { InterfaceLibrary } from "../../toolchain/interface/library.js";

/** Values as cdr_values.py writes them, to those of the codec. */
export function fromJson(library: InterfaceLibrary, typeName: string, json: unknown): MessageValue {
  return mapMessage(library, typeName, json, (element, value) => {
    if (element.kind === "string" || element.name === "bool") return value;
    if (element.name === "int64" || element.name === "uint64") return BigInt(value as string);
    const special: Readonly<Record<string, number>> = {
      inf: Number.POSITIVE_INFINITY,
      "-inf": Number.NEGATIVE_INFINITY,
    };
    return special[value as string] ?? Number(value);
  });
}

/** The other way. */
export function toJson(library: InterfaceLibrary, typeName: string, value: unknown): unknown {
  return mapMessage(library, typeName, value, (element, one) => {
    if (element.kind === "string" || element.name === "bool") return one;
    return element.name.startsWith("float") ? pythonFloat(one as number) : String(one);
  });
}

/** Python's repr(float). */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [, sign = "", digits = "", exponent = ""] = /^(-?)(.*)e(.*)$/.exec(value.toExponential()) ?? [];
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${sign}${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const plain = Math.abs(value).toString();
  const fixed = plain.includes("e")
    ? Math.abs(value).toFixed(digits.replace(".", "").length - 1 - power)
    : plain;
  return sign + (fixed.includes(".") ? fixed : `${fixed}.0`);
}

type Leaf = ElementType & { kind: "primitive" | "string" };

function mapMessage(
  library: InterfaceLibrary,
  typeName: string,
  value: unknown,
  leaf: (element: Leaf, value: unknown) => unknown,
): MessageValue {
  const fields = library.message(typeName)?.fields ?? [];
  const one = (element: ElementType, item: unknown) =>
    element.kind === "message" ? mapMessage(library, element.typeName, item, leaf) : leaf(element, item);
  const mapped = (type: FieldType, item: unknown) =>
    type.multiplicity.kind === "single"
      ? one(type.element, item)
      : (item as unknown[]).map((each) => one(type.element, each));
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    fields.map(({ name, type }) => [name, mapped(type, record[name])]),
  ) as MessageValue;
}
