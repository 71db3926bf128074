/** The AssemblyScript class of one message. */
import { leastOctets } from "../check.js";
import type { ElementType, Field, FieldType, MessageDefinition, Scalar } from "../definition.js";
import type { InterfaceLibrary } from "../library.js";
import { elementType, identifier, literal, NUMBER } from "./assemblyscript.js";

export interface ClassContext {
  readonly library: InterfaceLibrary;
  /** How a message's class is written in this module. */
  readonly reference: (typeName: string) => string;
  /** Notes that a name of the SDK is used; returns how it is written in this module. */
  sdk(name: string): string;
}

export function messageClass(context: ClassContext, message: MessageDefinition, name: string): string {
  const reader = context.sdk("CdrReader");
  const writer = context.sdk("CdrWriter");
  const empty = message.fields.length === 0;
  const body = [
    ...message.constants.map(
      ({ name: constant, type, value }) =>
        `  static readonly ${constant}: ${elementType(type, context.reference)} = ${literal(type, value)};`,
    ),
    ...message.fields.map(
      (field) =>
        `  ${identifier(field.name)}: ${fieldType(context, field.type)} = ${initial(context, field)};`,
    ),
  ];
  if (body.length > 0) body.push("");
  body.push(`  serialize(writer: ${writer}): void {`);
  // rosidl gives an empty structure one octet.
  if (empty) body.push("    writer.u8(0);");
  for (const field of message.fields) body.push(`    ${write(context, field)}`);
  body.push("  }", "", `  deserialize(reader: ${reader}): void {`);
  if (empty) body.push("    reader.u8();");
  for (const field of message.fields) body.push(`    ${read(context, field)}`);
  body.push("  }", ...fault(message));
  return [
    `/** ${message.typeName} */`,
    `export class ${name} extends ${context.sdk("Message")} {`,
    ...body,
    "}",
    "",
  ].join("\n");
}

function fieldType(context: ClassContext, { element, multiplicity }: FieldType): string {
  const written = elementType(element, context.reference);
  if (multiplicity.kind === "single") return written;
  return multiplicity.kind === "array" ? `${context.sdk("FixedArray")}<${written}>` : `${written}[]`;
}

function initial(context: ClassContext, { type, defaultValue }: Field): string {
  const { element, multiplicity } = type;
  if (Array.isArray(defaultValue)) {
    return `[${(defaultValue as readonly Scalar[]).map((value) => literal(element, value)).join(", ")}]`;
  }
  if (defaultValue !== undefined) return literal(element, defaultValue as Scalar);
  if (multiplicity.kind === "sequence") return "[]";
  const written = elementType(element, context.reference);
  if (multiplicity.kind === "array") {
    return `${context.sdk(`new${kind(element)}`)}${typeArgument(context, element)}(${multiplicity.length})`;
  }
  if (element.kind === "message") return `new ${written}()`;
  if (element.kind === "string") return '""';
  return element.name === "bool" ? "false" : "0";
}

/** Arguments after the first, trailing zeros (which mean "no bound") left out. */
function bounds(...values: (number | undefined)[]): string {
  const numbers = values.map((value) => value ?? 0);
  while (numbers.at(-1) === 0) numbers.pop();
  return numbers.map((value) => `, ${value}`).join("");
}

function write(context: ClassContext, { name, type }: Field): string {
  const value = `this.${identifier(name)}`;
  const { element, multiplicity } = type;
  if (multiplicity.kind === "single") {
    if (element.kind === "message") return `${value}.serialize(writer);`;
    if (element.kind === "primitive") return `writer.${NUMBER[element.name]}(${value});`;
    return `writer.${element.wide ? "wstring" : "string"}(${value}${bounds(element.bound)});`;
  }
  const { suffix, size } = plural(type);
  const stringBound = element.kind === "string" ? element.bound : undefined;
  return `${context.sdk(`write${suffix}`)}${typeArgument(context, element)}(writer, ${value}${bounds(size, stringBound)});`;
}

function read(context: ClassContext, { name, type }: Field): string {
  const value = `this.${identifier(name)}`;
  const { element, multiplicity } = type;
  if (multiplicity.kind === "single") {
    if (element.kind === "message") return `${value}.deserialize(reader);`;
    if (element.kind === "primitive") return `${value} = reader.${NUMBER[element.name]}();`;
    return `${value} = reader.${element.wide ? "wstring" : "string"}(${bounds(element.bound).slice(2)});`;
  }
  const { suffix, size } = plural(type);
  let more = bounds(size, element.kind === "string" ? element.bound : undefined);
  if (element.kind === "message" && multiplicity.kind === "sequence") {
    const message = context.library.message(element.typeName);
    more = `, ${message === undefined ? 1 : leastOctets(context.library, message)}${bounds(size)}`;
  }
  return `${value} = ${context.sdk(`read${suffix}`)}${typeArgument(context, element)}(reader${more});`;
}

/** Written out: asc does not infer it through the alias FixedArray. */
function typeArgument(context: ClassContext, element: ElementType): string {
  return element.kind === "string" ? "" : `<${elementType(element, context.reference)}>`;
}

/** What the names of the SDK's functions for arrays of such elements end in. */
function kind(element: ElementType): string {
  if (element.kind === "primitive") return "Numbers";
  return element.kind === "message" ? "Messages" : "Strings";
}

/** Which of the SDK's functions reads and writes an array or sequence, and its length or bound. */
function plural({ element, multiplicity }: FieldType): { suffix: string; size: number | undefined } {
  const suffix = (element.kind === "string" && element.wide ? "Wide" : "") + kind(element);
  if (multiplicity.kind === "array") return { suffix: `Fixed${suffix}`, size: multiplicity.length };
  return { suffix, size: multiplicity.kind === "sequence" ? multiplicity.bound : undefined };
}

/** What tells a caller that its request was not served: `bool success` and `string message`, where there are. */
function fault(message: MessageDefinition): string[] {
  if (!/_(Response|Result)$/.test(message.typeName)) return [];
  const lines: string[] = [];
  for (const { name, type } of message.fields) {
    const { element } = type;
    if (type.multiplicity.kind !== "single") continue;
    if (name === "success" && element.kind === "primitive" && element.name === "bool") {
      lines.push("    this.success = false;");
    } else if (name === "message" && element.kind === "string") {
      lines.push(
        `    this.message = ${element.bound === undefined ? "reason" : `reason.slice(0, ${element.bound})`};`,
      );
    }
  }
  return lines.length === 0 ? [] : ["", "  fault(reason: string): void {", ...lines, "  }"];
}
