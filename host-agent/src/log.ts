/** Where the agent's parts report to. pino's loggers fit once their argument order is turned; tests pass an array. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

/** Says nothing. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
