import { RosehipError } from "../host-agent/src/errors.js";

/** What the process ends with. Scripts may rely on these. */
export const EXIT = {
  ok: 0,
  /** Something failed while running: a port that cannot be opened, a build with errors, a call without an answer. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
} as const;

/** Says what, where and the remedy; a stack only for what is not a {@link RosehipError}, since that is our own fault. */
export function describeError(error: unknown): string {
  if (error instanceof RosehipError) {
    const lines = [`error ${error.code}: ${error.message}`];
    if (error.where !== undefined) lines.push(`  where:  ${error.where}`);
    if (error.remedy !== undefined) lines.push(`  to fix: ${error.remedy}`);
    return lines.join("\n");
  }
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Wraps a command's action: prints its error and sets the exit status instead of leaving a stack trace. */
export function guarded<A extends unknown[]>(
  action: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      process.stderr.write(`${describeError(error)}\n`);
      process.exitCode =
        error instanceof RosehipError && error.code.startsWith("CLI_") ? EXIT.usage : EXIT.failure;
    }
  };
}
