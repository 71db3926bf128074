import pino from "pino";
import pretty from "pino-pretty";
import type { Log, LogFields } from "../host-agent/src/log.js";

/** The Micro XRCE-DDS Agent's -v levels: 0 nothing, 1 critical, 2 error, 3 warning, 4 info, 5 debug, 6 trace. */
const LEVELS = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type Verbosity = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/**
 * The agent's log: one readable line each on standard error, or JSON lines if `json`.
 * Written synchronously, so that the last line before an exit is never lost.
 */
export function openLog(verbosity: Verbosity, json = false): Log {
  const destination = json
    ? pino.destination({ dest: 2, sync: true })
    : pretty({
        destination: 2,
        sync: true,
        colorize: process.stderr.isTTY === true,
        translateTime: "SYS:HH:MM:ss.l",
        hideObject: true,
        messageFormat: describe,
      });
  const logger = pino({ level: LEVELS[verbosity] ?? "info", base: null }, destination);
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: LogFields): void =>
      logger[level](fields ?? {}, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const OWN_KEYS = new Set(["level", "time", "msg"]);

/** `message  key=value key=value`: shorter to read than JSON, and as easy to grep. */
function describe(line: Record<string, unknown>, messageKey: string): string {
  const fields = Object.entries(line).filter(([key, value]) => !OWN_KEYS.has(key) && value !== undefined);
  const shown = fields.map(
    ([key, value]) => `${key}=${/[\s"]/.test(String(value)) ? JSON.stringify(value) : value}`,
  );
  return [String(line[messageKey]), shown.join(" ")].filter((part) => part !== "").join("  ");
}
