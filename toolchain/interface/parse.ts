/**
 * Reads .msg, .srv and .action text as rosidl_adapter does (parser.py, the same in Jazzy and Kilted): one field or
 * constant a line, `#` begins a comment wherever it stands, `---` alone separates the parts.
 */
import type { Constant, Field, InterfaceDefinition, MessageDefinition } from "./definition.js";
import { deriveAction, deriveService } from "./derive.js";
import { parseFieldType, primitiveOrString } from "./field-type.js";
import { INTERFACE_LIMITS } from "./limits.js";
import { type Mistake, type MistakeCode, StatementError } from "./mistake.js";
import {
  CONSTANT_RULE,
  isConstantName,
  isFieldName,
  isMessageName,
  isPackageName,
  LOWER_CASE_RULE,
  MESSAGE_RULE,
} from "./names.js";
import { parseDefault, parseScalar } from "./value.js";

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
    const type = this.attempt(line.number, 1, () => parseFieldType(typeText, this.source.package));
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
        value === "" ? undefined : this.attempt(line.number, column, () => parseDefault(type, value));
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
      const parsed = this.attempt(line.number, column, () => parseScalar(element, value));
      if (parsed !== undefined) constants.push({ name, type: element, value: parsed });
    }
  }

  /** Turns what is wrong with a part of a line into a mistake. */
  private attempt<T>(line: number, column: number, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      this.mistake(error.code, line, column, { reason: error.message, remedy: error.remedy });
      return undefined;
    }
  }
}
