/** What can only be checked across files: that types exist, don't contain themselves, and stay within limits. */
import {
  type InterfaceDefinition,
  type MessageDefinition,
  messagesOf,
  type Position,
  PRIMITIVE_OCTETS,
  wireFields,
} from "./definition.js";
import type { InterfaceFile, InterfaceLibrary } from "./library.js";
import { INTERFACE_LIMITS } from "./limits.js";
import { type Mistake, throwMistakes } from "./mistake.js";

/**
 * Reads the files of these types and of all types they refer to.
 * @returns their definitions, those referred to first
 * @throws InterfaceError with every mistake in any of them
 */
export function checkInterfaces(
  library: InterfaceLibrary,
  typeNames: Iterable<string>,
): InterfaceDefinition[] {
  const check = new Check(library);
  for (const typeName of typeNames) {
    const file = library.file(typeName);
    if (file !== undefined) check.file(file);
    else check.mistakes.push(unknownRoot(library, typeName));
  }
  throwMistakes(check.mistakes.slice(0, INTERFACE_LIMITS.mistakes));
  return check.done;
}

function unknownRoot(library: InterfaceLibrary, typeName: string): Mistake {
  const where = library.sources.map(({ name }) => name).join(", ");
  return {
    code: "IDL_UNKNOWN_TYPE",
    position: { file: typeName, line: 1, column: 1 },
    reason: `There is no interface ${typeName} in ${where === "" ? "any source" : where}`,
    remedy: `Write its definition to interfaces/${typeName}, with the extension of its folder, or source the ROS 2 that has it`,
  };
}

class Check {
  readonly mistakes: Mistake[] = [];
  readonly done: InterfaceDefinition[] = [];
  private readonly seen = new Set<InterfaceFile>();
  /** Messages whose fields are being looked at, outermost first. */
  private readonly path: string[] = [];
  private readonly depths = new Map<string, number>();

  constructor(private readonly library: InterfaceLibrary) {}

  file(file: InterfaceFile): void {
    if (this.seen.has(file)) return;
    this.seen.add(file);
    this.mistakes.push(...file.mistakes);
    for (const message of messagesOf(file.definition)) this.message(message);
    this.done.push(file.definition);
    if (this.mistakes.length > 0) return;
    for (const message of messagesOf(file.definition)) {
      this.depth(message, file.path);
      this.size(message, file.path);
    }
  }

  private message(message: MessageDefinition): void {
    this.path.push(message.typeName);
    for (const { name, type, position = { file: message.typeName, line: 1, column: 1 } } of message.fields) {
      if (type.element.kind !== "message") continue;
      const { typeName } = type.element;
      const start = this.path.indexOf(typeName);
      if (start >= 0) {
        const cycle = [...this.path.slice(start), typeName].join(" → ");
        const reason = `Field '${name}' makes a message contain itself: ${cycle}`;
        this.mistakes.push({
          code: "IDL_CYCLE",
          position,
          reason,
          remedy: "Refer to the other by an id or index",
        });
      } else if (this.path.length >= INTERFACE_LIMITS.nesting) {
        this.tooDeep(name, position);
      } else {
        this.nested(typeName, name, position);
      }
    }
    this.path.pop();
  }

  private nested(typeName: string, field: string, position: Position): void {
    const file = this.library.file(typeName);
    if (file !== undefined) {
      this.file(file);
      return;
    }
    const bare = typeName.split("/")[2] ?? "";
    const reason = `Field '${field}' is of unknown type ${typeName.replace("/msg/", "/")}`;
    const remedy =
      bare === "Header"
        ? "Write std_msgs/Header: in ROS 2 a bare name is one of the same package"
        : `Correct the name, add interfaces/${typeName}.msg, or source the ROS 2 that has it`;
    this.mistakes.push({ code: "IDL_UNKNOWN_TYPE", position, reason, remedy });
  }

  /** Those a message refers to are done before it, so their depths are known. */
  private depth(message: MessageDefinition, file: string): void {
    let deepest = 0;
    for (const { name, type, position = { file, line: 1, column: 1 } } of message.fields) {
      if (type.element.kind !== "message") continue;
      const depth = this.depths.get(type.element.typeName) ?? 0;
      deepest = Math.max(deepest, depth);
      if (depth >= INTERFACE_LIMITS.nesting) this.tooDeep(name, position);
    }
    this.depths.set(message.typeName, deepest + 1);
  }

  private tooDeep(field: string, position: Position): void {
    const reason = `Field '${field}' nests messages deeper than ${INTERFACE_LIMITS.nesting}`;
    this.mistakes.push({ code: "IDL_LIMIT", position, reason, remedy: "Flatten the definition" });
  }

  private size(message: MessageDefinition, file: string): void {
    const octets = leastOctets(this.library, message);
    if (octets <= INTERFACE_LIMITS.fixedOctets) return;
    const reason = `${message.typeName} takes ${octets} octets even when empty, over the limit of ${INTERFACE_LIMITS.fixedOctets}`;
    const position = message.fields[0]?.position ?? { file, line: 1, column: 1 };
    this.mistakes.push({
      code: "IDL_LIMIT",
      position,
      reason,
      remedy: "Use sequences instead of fixed-size arrays",
    });
  }
}

const least = new WeakMap<MessageDefinition, number>();

/** Octets a message takes on the wire at least: all sequences and strings empty, no padding. Never 0. */
export function leastOctets(library: InterfaceLibrary, message: MessageDefinition): number {
  let octets = least.get(message);
  if (octets !== undefined) return octets;
  octets = 0;
  for (const { type } of wireFields(message)) {
    const { element, multiplicity } = type;
    let one = 4;
    if (multiplicity.kind !== "sequence") {
      if (element.kind === "primitive") one = PRIMITIVE_OCTETS[element.name];
      else if (element.kind === "message") {
        const nested = library.message(element.typeName);
        one = nested === undefined ? 1 : leastOctets(library, nested);
      }
    }
    octets += multiplicity.kind === "array" ? one * multiplicity.length : one;
  }
  least.set(message, octets);
  return octets;
}
