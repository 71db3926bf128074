/**
 * Reads .msg, .srv and .action text as rosidl_adapter does (parser.py, the same in Jazzy and Kilted): one field or
 * constant a line, `#` begins a comment wherever it stands, `---` alone separates the parts.
 */
import {
  type Constant,
  type ElementType,
  type Field,
  type FieldType,
  type InterfaceDefinition,
  type MessageDefinition,
  PRIMITIVE_OCTETS,
  type PrimitiveName,
} from "./definition.js";
import { deriveAction, deriveService } from "./derive.js";
import { INTERFACE_LIMITS } from "./limits.js";
import type { Mistake, MistakeCode } from "./mistake.js";
import {
  CONSTANT_RULE,
  isConstantName,
  isFieldName,
  isMessageName,
  isPackageName,
  LOWER_CASE_RULE,
  MESSAGE_RULE,
} from "./names.js";
import { parseDefault, parseScalar, ValueError } from "./value.js";

export interface DefinitionSource {
  /** Shown in mistakes. */
  readonly file: string;
  readonly package: string;
  /** Folder of the package, which says what the file defines. */
  readonly folder: "msg" | "srv" | "action";
  /** File name without extension. */
  readonly name: string;
  readonly text: string;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

const PARTS = {
  msg: [""],
  srv: ["_Request", "_Response"],
  action: ["_Goal", "_Result", "_Feedback"],
} as const;

/**
 * @param mistakes what is wrong is added here; parsing goes on with the next line
 * @returns the definition with what could be read of it, its type names not resolved
 */
export function parseDefinition(source: DefinitionSource, mistakes: Mistake[]): InterfaceDefinition {
  const parser = new DefinitionParser(source, mistakes);
  const typeName = `${source.package}/${source.folder}/${source.name}`;
  const suffixes = PARTS[source.folder];
  parser.checkFile(typeName);
  const parts = parser.split(suffixes.length);
  const [first, second, third] = suffixes.map((suffix, i) =>
    parser.message(typeName + suffix, parts[i] ?? []),
  );
  const empty: MessageDefinition = { kind: "message", typeName, fields: [], constants: [] };
  if (source.folder === "srv") return deriveService(typeName, first ?? empty, second ?? empty);
  if (source.folder === "action")
    return deriveAction(typeName, first ?? empty, second ?? empty, third ?? empty);
  return first ?? empty;
}

class DefinitionParser {
  private readonly lines: readonly Line[];

  constructor(
    private readonly source: DefinitionSource,
    private readonly mistakes: Mistake[],
  ) {
    // A byte order mark is a mistake of the file, not of its first line.
    const lines = source.text.replace(/^\ufeff/, "").split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/);
    this.lines = lines.slice(0, INTERFACE_LIMITS.fileLines).map((text, i) => ({ number: i + 1, text }));
    if (lines.length > INTERFACE_LIMITS.fileLines) {
      this.mistake("IDL_LIMIT", INTERFACE_LIMITS.fileLines + 1, 1, {
        reason: `The file has ${lines.length} lines, over the limit of ${INTERFACE_LIMITS.fileLines}`,
        remedy: "Split the definition into nested messages",
      });
    }
  }

  private mistake(
    code: MistakeCode,
    line: number,
    column: number,
    text: { reason: string; remedy: string },
  ): void {
    if (this.mistakes.length >= INTERFACE_LIMITS.mistakes) return;
    this.mistakes.push({ code, position: { file: this.source.file, line, column }, ...text });
  }

  /** Names that come from the file's place. */
  checkFile(typeName: string): void {
    const { package: packageName, name, text } = this.source;
    if (!isPackageName(packageName)) {
      const reason = `'${packageName}' is not a package name`;
      this.mistake("IDL_NAME", 1, 1, { reason, remedy: `Rename the folder. ${LOWER_CASE_RULE}` });
    }
    // A derived suffix is tried as well: Foo_Request.srv would define Foo_Request_Request.
    if (PARTS[this.source.folder].some((suffix) => !isMessageName(name + suffix))) {
      const reason = `'${name}' in ${typeName} is not an interface name`;
      this.mistake("IDL_NAME", 1, 1, { reason, remedy: `Rename the file. ${MESSAGE_RULE}` });
    }
    if (text.startsWith("\ufeff")) {
      const reason = "The file begins with a byte order mark";
      this.mistake("IDL_FILE", 1, 1, { reason, remedy: "Save it as UTF-8 without one" });
    }
  }

  /** The lines of each part, cut at the separators. */
  split(count: number): Line[][] {
    const parts: Line[][] = [[]];
    for (const line of this.lines) {
      if (line.text === "---" && count > 1) {
        parts.push([]);
        if (parts.length === count + 1) {
          const reason = `One '---' too many: a .${this.source.folder} file has ${count - 1}`;
          this.mistake("IDL_SEPARATOR", line.number, 1, { reason, remedy: "Remove it" });
        }
      } else if (count > 1 && /^\s*---/.test(line.text)) {
        const reason = "A separator is '---' alone on its line, without blanks or comment";
        this.mistake("IDL_SEPARATOR", line.number, 1, { reason, remedy: "Write '---' and nothing else" });
        parts.push([]);
      } else {
        parts.at(-1)?.push(line);
      }
    }
    if (parts.length < count) {
      const names = count === 2 ? "request and response" : "goal, result and feedback";
      const reason = `${parts.length - 1} of ${count - 1} separators '---' between ${names}`;
      const remedy = "Put '---' on a line of its own between the parts; a part may be empty";
      this.mistake("IDL_SEPARATOR", this.lines.length, 1, { reason, remedy });
    }
    return parts;
  }

  message(typeName: string, lines: readonly Line[]): MessageDefinition {
    const fields: Field[] = [];
    const constants: Constant[] = [];
    for (const line of lines) {
      const statement = /^[^#]*/.exec(line.text.replaceAll("\t", " "))?.[0].trimEnd() ?? "";
      if (statement !== "") this.statement({ number: line.number, text: statement }, fields, constants);
    }
    return { kind: "message", typeName, fields, constants };
  }

  /** `TYPE NAME`, `TYPE NAME DEFAULT` or `TYPE NAME=VALUE`. */
  private statement(line: Line, fields: Field[], constants: Constant[]): void {
    const { number, text } = line;
    if (text.startsWith(" ")) {
      const reason = "The line begins with a blank";
      this.mistake("IDL_SYNTAX", number, 1, { reason, remedy: "Begin it with the type" });
      return;
    }
    const match = /^(\S+) +(\S.*)$/.exec(text);
    if (match === null) {
      const reason = `'${text}' is neither a field nor a constant`;
      this.mistake("IDL_SYNTAX", number, 1, {
        reason,
        remedy: "Write TYPE NAME, TYPE NAME DEFAULT or TYPE NAME=VALUE",
      });
      return;
    }
    const [, type = "", rest = ""] = match;
    if (rest.includes("=")) this.constant(line, type, rest, constants);
    else this.field(line, type, rest, fields);
  }

  private field(line: Line, typeText: string, rest: string, fields: Field[]): void {
    const nameColumn = line.text.length - rest.length + 1;
    const [, name = "", blanks = "", value = ""] = /^(\S+)( *)(.*)$/.exec(rest) ?? [];
    const type = this.type(line, typeText);
    if (!isFieldName(name)) {
      const remedy = isConstantName(name)
        ? `Write ${typeText} ${name}=VALUE for a constant`
        : LOWER_CASE_RULE;
      this.mistake("IDL_NAME", line.number, nameColumn, { reason: `'${name}' is not a field name`, remedy });
    } else if (fields.some((field) => field.name === name)) {
      const remedy = "Rename or remove one";
      this.mistake("IDL_DUPLICATE", line.number, nameColumn, {
        reason: `Field '${name}' is there already`,
        remedy,
      });
    } else if (type !== undefined) {
      const column = nameColumn + name.length + blanks.length;
      const defaultValue =
        value === "" ? undefined : this.value(line.number, column, () => parseDefault(type, value));
      const position = { file: this.source.file, line: line.number, column: 1 };
      fields.push({ name, type, position, ...(defaultValue === undefined ? {} : { defaultValue }) });
    }
  }

  private constant(line: Line, typeText: string, rest: string, constants: Constant[]): void {
    const nameColumn = line.text.length - rest.length + 1;
    const equals = rest.indexOf("=");
    const name = rest.slice(0, equals).trimEnd();
    const value = rest.slice(equals + 1).trimStart();
    const element = primitiveOrString(typeText);
    if (element === undefined) {
      const reason = `A constant can't be of type '${typeText}'`;
      this.mistake("IDL_TYPE", line.number, 1, { reason, remedy: "Use a primitive type, string or wstring" });
    } else if (!isConstantName(name)) {
      const remedy = isFieldName(name)
        ? `Write ${typeText} ${name} VALUE for a default value`
        : CONSTANT_RULE;
      this.mistake("IDL_NAME", line.number, nameColumn, {
        reason: `'${name}' is not a constant name`,
        remedy,
      });
    } else if (constants.some((constant) => constant.name === name)) {
      const remedy = "Rename or remove one";
      this.mistake("IDL_DUPLICATE", line.number, nameColumn, {
        reason: `Constant '${name}' is there already`,
        remedy,
      });
    } else {
      const column = line.text.length - value.length + 1;
      const parsed = this.value(line.number, column, () => parseScalar(element, value));
      if (parsed !== undefined) constants.push({ name, type: element, value: parsed });
    }
  }

  private value<T>(line: number, column: number, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.mistake("IDL_VALUE", line, column, { reason: error.message, remedy: error.remedy });
      return undefined;
    }
  }

  private type(line: Line, text: string): FieldType | undefined {
    const array = /^(.*)\[([^[\]]*)\]$/.exec(text);
    const element = this.element(line, array?.[1] ?? text);
    const size = array?.[2];
    if (element === undefined || size === undefined) {
      return element === undefined ? undefined : { element, multiplicity: { kind: "single" } };
    }
    if (size === "") {
      // rosidl_parser takes a bounded wstring's bound for the sequence's too (not a string's), so type hashes and
      // other nodes have it.
      const bound = element.kind === "string" && element.wide && element.bound !== undefined;
      return { element, multiplicity: { kind: "sequence", ...(bound ? { bound: element.bound } : {}) } };
    }
    const upper = size.startsWith("<=");
    const length = this.bound(line, upper ? size.slice(2) : size, `array size of '${text}'`);
    if (length === undefined) return undefined;
    return { element, multiplicity: upper ? { kind: "sequence", bound: length } : { kind: "array", length } };
  }

  private element(line: Line, text: string): ElementType | undefined {
    const simple = primitiveOrString(text);
    if (simple !== undefined) return simple;
    const string = /^(w?)string<=(.*)$/.exec(text);
    if (string !== null) {
      const bound = this.bound(line, string[2] ?? "", `upper bound of '${text}'`);
      return bound === undefined ? undefined : { kind: "string", wide: string[1] === "w", bound };
    }
    const parts = text.split("/");
    const [packageName = "", name = ""] = parts.length === 1 ? [this.source.package, text] : parts;
    if (parts.length > 2 || !isPackageName(packageName) || !isMessageName(name)) {
      this.mistake("IDL_TYPE", line.number, 1, {
        reason: `'${text}' is not a type`,
        remedy: typeRemedy(text),
      });
      return undefined;
    }
    return { kind: "message", typeName: `${packageName}/msg/${name}` };
  }

  private bound(line: Line, text: string, what: string): number | undefined {
    const value = /^\+?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll("_", "")) : 0;
    if (value > INTERFACE_LIMITS.arrayLength) {
      const reason = `The ${what} is over the limit of ${INTERFACE_LIMITS.arrayLength}`;
      this.mistake("IDL_LIMIT", line.number, 1, { reason, remedy: "Use an unbounded sequence" });
      return undefined;
    }
    if (value > 0) return value;
    const reason = `The ${what} is not an integer above 0`;
    this.mistake("IDL_TYPE", line.number, 1, {
      reason,
      remedy: "Write for example int32[4], int32[<=4] or string<=8",
    });
    return undefined;
  }
}

function primitiveOrString(text: string): (ElementType & { kind: "primitive" | "string" }) | undefined {
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
