/** Types as they are written in definitions: `int32`, `string<=8[<=3]`, `std_msgs/Header[2]`. */
import { type ElementType, type FieldType, PRIMITIVE_OCTETS, type PrimitiveName } from "./definition.js";
import { INTERFACE_LIMITS } from "./limits.js";
import { StatementError } from "./mistake.js";
import { isMessageName, isPackageName } from "./names.js";

/** @param packageName of the definition, where bare names belong @throws StatementError IDL_TYPE, IDL_LIMIT */
export function parseFieldType(text: string, packageName: string): FieldType {
  const array = /^(.*)\[([^[\]]*)\]$/.exec(text);
  const element = parseElement(array?.[1] ?? text, packageName);
  const size = array?.[2];
  if (size === undefined) return { element, multiplicity: { kind: "single" } };
  if (size === "") {
    // rosidl_parser takes a bounded wstring's bound for the sequence's too (not a string's), so type hashes and
    // other nodes have it.
    const bound = element.kind === "string" && element.wide && element.bound !== undefined;
    return { element, multiplicity: { kind: "sequence", ...(bound ? { bound: element.bound } : {}) } };
  }
  const upper = size.startsWith("<=");
  const length = parseBound(upper ? size.slice(2) : size, `array size of '${text}'`);
  return { element, multiplicity: upper ? { kind: "sequence", bound: length } : { kind: "array", length } };
}

function parseElement(text: string, ownPackage: string): ElementType {
  const simple = primitiveOrString(text);
  if (simple !== undefined) return simple;
  const string = /^(w?)string<=(.*)$/.exec(text);
  if (string !== null) {
    return {
      kind: "string",
      wide: string[1] === "w",
      bound: parseBound(string[2] ?? "", `upper bound of '${text}'`),
    };
  }
  const parts = text.split("/");
  const [packageName = "", name = ""] = parts.length === 1 ? [ownPackage, text] : parts;
  if (parts.length > 2 || !isPackageName(packageName) || !isMessageName(name)) {
    throw new StatementError("IDL_TYPE", `'${text}' is not a type`, typeRemedy(text));
  }
  return { kind: "message", typeName: `${packageName}/msg/${name}` };
}

function parseBound(text: string, what: string): number {
  const value = /^\+?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll("_", "")) : 0;
  if (value > INTERFACE_LIMITS.arrayLength) {
    const reason = `The ${what} is over the limit of ${INTERFACE_LIMITS.arrayLength}`;
    throw new StatementError("IDL_LIMIT", reason, "Use an unbounded sequence");
  }
  if (value > 0) return value;
  const remedy = "Write for example int32[4], int32[<=4] or string<=8";
  throw new StatementError("IDL_TYPE", `The ${what} is not an integer above 0`, remedy);
}

/** What constants can be of. */
export function primitiveOrString(
  text: string,
): (ElementType & { kind: "primitive" | "string" }) | undefined {
  if (Object.hasOwn(PRIMITIVE_OCTETS, text)) return { kind: "primitive", name: text as PrimitiveName };
  if (text === "string" || text === "wstring") return { kind: "string", wide: text === "wstring" };
  return undefined;
}

/** What was most likely meant. */
function typeRemedy(text: string): string {
  const other: Readonly<Record<string, string>> = {
    time: "builtin_interfaces/Time",
    duration: "builtin_interfaces/Duration",
    float: "float32",
    double: "float64",
    int: "int32",
    long: "int64",
    boolean: "bool",
    octet: "byte",
  };
  const known = Object.hasOwn(other, text) ? other[text] : undefined;
  if (known !== undefined) return `Write ${known}`;
  const [packageName, folder, name] = text.split("/");
  if (name !== undefined && folder === "msg") return `Write ${packageName}/${name}`;
  if (text.startsWith("@")) return "Annotations belong to .idl files; remove it";
  return "Use a primitive type, string, wstring, or package/Message";
}
