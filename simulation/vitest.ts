/** `rosehip/sim/vitest`: importing this gives vitest's `expect` the matchers below. */
import { expect } from "vitest";
import { formatLog, type LogLevel, levelOf } from "./log.js";
import { Board } from "./simulation.js";

export interface LogExpectation {
  readonly level?: LogLevel;
  /** Name of the logger, e.g. the node's. */
  readonly logger?: string;
  /** How many such lines there are; at least one if not given. */
  readonly times?: number;
}

interface BoardMatchers<R = unknown> {
  /** The app has logged a line that matches the pattern, or contains the text. */
  toLog(text: string | RegExp, expectation?: LogExpectation): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: vitest's own declaration has this type parameter
  interface Matchers<T = any> extends BoardMatchers<T> {}
}

function toLog(received: unknown, text: string | RegExp, expectation: LogExpectation = {}) {
  if (!(received instanceof Board)) throw new TypeError("toLog is for a simulated board");
  const { level, logger, times } = expectation;
  const matches = received.logs.filter(
    (line) =>
      (typeof text === "string" ? line.message.includes(text) : text.test(line.message)) &&
      (level === undefined || levelOf(line) === level) &&
      (logger === undefined || line.logger === logger),
  );
  const pass = times === undefined ? matches.length > 0 : matches.length === times;
  return {
    pass,
    message: () => {
      const wanted = [`a line with ${text}`, level && `level ${level}`, logger && `logger ${logger}`];
      const count = times === undefined ? "" : `, ${times} times, not ${matches.length}`;
      const lines = received.logs.map((line) => `  ${formatLog(line)}`).join("\n");
      return `the board was ${pass ? "not " : ""}to log ${wanted.filter(Boolean).join(", ")}${count}. It logged:\n${lines}`;
    },
  };
}

expect.extend({ toLog });
