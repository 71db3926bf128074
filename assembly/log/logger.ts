import { log, SEVERITY_DEBUG, SEVERITY_ERROR, SEVERITY_FATAL, SEVERITY_INFO, SEVERITY_WARN } from "../env";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { effectiveLevelOf, LoggingSeverity, setLevelOf } from "./level";

/**
 * Writes lines to the device's log, from where they go to /rosout. Never blocks. Lines below the logger's level are
 * not written; that is `Info` unless it, or a logger above it, was given another.
 */
export class Logger {
  /** The name as UTF-8, kept for good. */
  private readonly nameText: usize;

  constructor(readonly name: string) {
    this.nameText = utf8(name);
  }

  debug(message: string): void {
    this.write(SEVERITY_DEBUG, message);
  }

  info(message: string): void {
    this.write(SEVERITY_INFO, message);
  }

  warn(message: string): void {
    this.write(SEVERITY_WARN, message);
  }

  error(message: string): void {
    this.write(SEVERITY_ERROR, message);
  }

  fatal(message: string): void {
    this.write(SEVERITY_FATAL, message);
  }

  /** Gives the logger, and those below it that have none, a level; `Unset` takes it away. */
  setLevel(level: LoggingSeverity): void {
    if (!setLevelOf(this.name, <i32>level)) fail("too many loggers have a level: give it to one above them");
  }

  /** Least severity that is written. */
  get effectiveLevel(): LoggingSeverity {
    return <LoggingSeverity>effectiveLevelOf(this.name);
  }

  /** Whether lines of this severity are written; worth asking before a costly message is put together. */
  isEnabledFor(severity: LoggingSeverity): bool {
    return <i32>severity >= effectiveLevelOf(this.name);
  }

  /** The logger `name` below this one. */
  getChild(name: string): Logger {
    return new Logger(this.name + "." + name);
  }

  private write(severity: i32, message: string): void {
    if (severity < effectiveLevelOf(this.name)) return;
    const text = utf8(message);
    log(severity, this.nameText, <u32>sizeOf(this.nameText), text, <u32>sizeOf(text));
    release(text);
  }
}

/** For what is not any node's. */
export const systemLogger = new Logger("rosehip");
