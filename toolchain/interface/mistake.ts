import { RosehipError } from "../../host-agent/src/errors.js";
import type { Position } from "./definition.js";
import { INTERFACE_LIMITS } from "./limits.js";

export type MistakeCode =
  | "IDL_FILE"
  | "IDL_SYNTAX"
  | "IDL_SEPARATOR"
  | "IDL_NAME"
  | "IDL_TYPE"
  | "IDL_VALUE"
  | "IDL_DUPLICATE"
  | "IDL_UNKNOWN_TYPE"
  | "IDL_CYCLE"
  | "IDL_LIMIT";

/** One thing wrong in an interface definition. */
export interface Mistake {
  readonly code: MistakeCode;
  readonly position: Position;
  readonly reason: string;
  readonly remedy: string;
}

/** What is wrong with a part of a line; the parser adds where it stands. */
export class StatementError extends Error {
  constructor(
    readonly code: MistakeCode,
    reason: string,
    readonly remedy: string,
  ) {
    super(reason);
  }
}

function formatPosition(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}

/**
 * Everything that is wrong in the definitions read. `code`, `where` and `remedy` are those of the first mistake;
 * the message lists them all.
 */
export class InterfaceError extends RosehipError {
  constructor(readonly mistakes: readonly [Mistake, ...Mistake[]]) {
    const [first] = mistakes;
    const lines = mistakes.map(
      ({ position, reason, remedy }) => `${formatPosition(position)}: ${reason}. ${remedy}.`,
    );
    if (mistakes.length >= INTERFACE_LIMITS.mistakes)
      lines.push("There may be more; these are listed first.");
    super(
      first.code,
      mistakes.length === 1
        ? first.reason
        : `${mistakes.length} mistakes in interface definitions:\n${lines.join("\n")}`,
      { where: formatPosition(first.position), remedy: first.remedy },
    );
  }
}

/** @throws InterfaceError if there are any */
export function throwMistakes(mistakes: readonly Mistake[]): void {
  const [first, ...others] = mistakes;
  if (first !== undefined) throw new InterfaceError([first, ...others]);
}
