import { AbiSeverity } from "./abi.js";
import type { LogLine } from "./firmware.js";

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

export function levelOf({ severity }: LogLine): LogLevel {
  if (severity >= AbiSeverity.FATAL) return "fatal";
  if (severity >= AbiSeverity.ERROR) return "error";
  if (severity >= AbiSeverity.WARN) return "warn";
  return severity >= AbiSeverity.INFO ? "info" : "debug";
}

/** One line as the board's console shows it: `[1.000000000] [INFO] [minimal_service]: text`. */
export function formatLog(line: LogLine): string {
  const seconds = line.time / 1_000_000_000n;
  const nanoseconds = String(line.time % 1_000_000_000n).padStart(9, "0");
  return `[${seconds}.${nanoseconds}] [${levelOf(line).toUpperCase()}] [${line.logger}]: ${line.message}`;
}
