import {
  type ElementType,
  type FieldType,
  INTEGER_RANGE,
  type PrimitiveName,
  type Scalar,
} from "./definition.js";
import { StatementError } from "./mistake.js";

/** The value of a default. @throws StatementError IDL_VALUE */
export function parseDefault(type: FieldType, text: string): Scalar | readonly Scalar[] {
  const { element, multiplicity } = type;
  if (element.kind === "message") {
    throw new StatementError(
      "IDL_VALUE",
      "Fields of message type take no default value",
      `Remove the value, or set defaults in ${element.typeName}`,
    );
  }
  if (multiplicity.kind === "single") return parseScalar(element, text);
  if (!text.startsWith("[") || !text.endsWith("]") || text.length < 2) {
    throw new StatementError(
      "IDL_VALUE",
      `${quote(text)} is not a list`,
      "Write the values between [ and ], separated by commas",
    );
  }
  const inner = text.slice(1, -1);
  const items = element.kind === "string" ? splitStrings(inner) : inner === "" ? [] : inner.split(",");
  if (multiplicity.kind === "array" && items.length !== multiplicity.length) {
    throw new StatementError(
      "IDL_VALUE",
      `${items.length} values for an array of ${multiplicity.length}`,
      `Give exactly ${multiplicity.length}`,
    );
  }
  if (multiplicity.kind === "sequence" && items.length > (multiplicity.bound ?? Infinity)) {
    throw new StatementError(
      "IDL_VALUE",
      `${items.length} values for a sequence of at most ${multiplicity.bound}`,
      `Give at most ${multiplicity.bound}`,
    );
  }
  if (element.kind === "primitive") return items.map((item) => parsePrimitive(element.name, item.trim()));
  return items.map((item) => decodeEscapes(checkBound(element, unquote(item.trim()))));
}

/** The value of a constant, or of a default that is not a list. @throws StatementError IDL_VALUE */
export function parseScalar(type: ElementType & { kind: "primitive" | "string" }, text: string): Scalar {
  if (type.kind === "primitive") return parsePrimitive(type.name, text);
  const content = checkBound(type, unquote(text));
  // Twice: rosidl decodes escapes when it writes the .idl file, and again when it reads that.
  return decodeEscapes(decodeEscapes(content));
}

function checkBound(type: { readonly bound?: number }, content: string): string {
  const characters = [...content].length;
  if (type.bound !== undefined && characters > type.bound) {
    throw new StatementError(
      "IDL_VALUE",
      `${quote(content)} has ${characters} characters, the type allows ${type.bound}`,
      "Shorten it or raise the bound",
    );
  }
  return content;
}

function parsePrimitive(name: PrimitiveName, text: string): boolean | number | bigint {
  if (name === "bool") {
    const lower = text.toLowerCase();
    if (lower === "true" || lower === "1") return true;
    if (lower === "false" || lower === "0") return false;
    throw new StatementError("IDL_VALUE", `${quote(text)} is not a bool`, "Write true, false, 1 or 0");
  }
  if (name === "float32" || name === "float64") return parseFloatingPoint(name, text);
  const value = parseInteger(text);
  const { least, most } = INTEGER_RANGE[name];
  if (value === undefined || value < least || value > most) {
    throw new StatementError(
      "IDL_VALUE",
      `${quote(text)} is not ${name}`,
      `Write an integer from ${least} to ${most}`,
    );
  }
  return name === "int64" || name === "uint64" ? value : Number(value);
}

/** Decimal with leading zeros, 0x, 0o and 0b, with single underscores between digits: Python's int(). */
function parseInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(\d+(?:_\d+)*|0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)$/.exec(
    text,
  );
  if (match === null) return undefined;
  const magnitude = BigInt((match[2] ?? "").replaceAll("_", ""));
  return match[1] === "-" ? -magnitude : magnitude;
}

function parseFloatingPoint(name: "float32" | "float64", text: string): number {
  const digits = "\\d+(?:_\\d+)*";
  const pattern = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`);
  const value = pattern.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!Number.isFinite(name === "float32" ? Math.fround(value) : value)) {
    throw new StatementError(
      "IDL_VALUE",
      `${quote(text)} is not a finite ${name}`,
      "Write a number with '.' as the separator; infinity and NaN can't be written in a definition",
    );
  }
  return value;
}

/** Removes quotes around the whole, and the backslash before the same quote inside. */
function unquote(text: string): string {
  const mark = text[0];
  if ((mark !== '"' && mark !== "'") || !text.endsWith(mark)) return text;
  const inner = text.slice(1, -1);
  if (new RegExp(`(?<!\\\\)${mark}`).test(inner)) {
    throw new StatementError("IDL_VALUE", `${text} has a quote inside its quotes`, `Write \\${mark} for it`);
  }
  return inner.replaceAll(`\\${mark}`, mark);
}

/** Splits at commas outside quotes. A comma after the last string is allowed. */
function splitStrings(text: string): string[] {
  const items: string[] = [];
  const end = text.trimEnd().length;
  const item = /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,"'][^,]*)\s*(?:,|$)/y;
  for (let start = 0; start < end; start = item.lastIndex) {
    const match = item.exec(text);
    if (match === null) {
      throw new StatementError(
        "IDL_VALUE",
        `No string can be read at ${quote(text.slice(start))}`,
        "Separate strings by single commas and close every quote",
      );
    }
    items.push(match[1] ?? "");
  }
  return items;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Decodes the escape sequences of C; unknown ones stay as they are, as in Python. */
function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([0-7]{1,3})|(.)|$)/gs,
    (whole: string, hex?: string, unicode?: string, octal?: string, letter?: string) => {
      if (hex !== undefined || unicode !== undefined) {
        return String.fromCharCode(Number.parseInt(hex ?? unicode ?? "", 16));
      }
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (letter === undefined)
        throw new StatementError("IDL_VALUE", `${quote(text)} ends in a lone backslash`, "Write \\\\ for it");
      return ESCAPES[letter] ?? whole;
    },
  );
}

function quote(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}
