/** rclpy's LoggingSeverity; of a logger the least severity it writes. */
export enum LoggingSeverity {
  /** Of a logger: that of the logger above it. */
  Unset = 0,
  Debug = 10,
  Info = 20,
  Warn = 30,
  Error = 40,
  Fatal = 50,
}

/** Loggers that may have a level of their own at once: callers of set_logger_levels must not fill the memory. */
const MAX_LEVELS: i32 = 16;

const DOT = 0x2e;

class LoggerLevel {
  constructor(
    readonly logger: string,
    readonly level: i32,
    readonly next: LoggerLevel | null,
  ) {}
}

// The scheduler may log before the module's start function has run: globals with constant values only.
let levels: LoggerLevel | null = null;
let rootLevel: i32 = <i32>LoggingSeverity.Info;

/** The level a logger was given; `Unset` if none. The one named "" is above all others. */
export function levelOf(logger: string): i32 {
  if (logger.length == 0) return rootLevel;
  let entry = levels;
  while (entry !== null && entry.logger != logger) entry = entry.next;
  return entry === null ? <i32>LoggingSeverity.Unset : entry.level;
}

/** Least severity that is written: the level of the logger or the nearest above it ("a" is above "a.b") that has one. */
export function effectiveLevelOf(logger: string): i32 {
  let level = rootLevel;
  let length = -1;
  let entry = levels;
  while (entry !== null) {
    if (entry.logger.length > length && isAtOrAbove(entry.logger, logger)) {
      level = entry.level;
      length = entry.logger.length;
    }
    entry = entry.next;
  }
  return level;
}

function isAtOrAbove(upper: string, logger: string): bool {
  if (!logger.startsWith(upper)) return false;
  return logger.length == upper.length || logger.charCodeAt(upper.length) == DOT;
}

/** @returns false if there is no room for one more */
export function setLevelOf(logger: string, level: i32): bool {
  if (logger.length == 0) {
    rootLevel = level == <i32>LoggingSeverity.Unset ? <i32>LoggingSeverity.Info : level;
    return true;
  }
  let others: LoggerLevel | null = null;
  let count = 0;
  let entry = levels;
  while (entry !== null) {
    if (entry.logger != logger) {
      others = new LoggerLevel(entry.logger, entry.level, others);
      count++;
    }
    entry = entry.next;
  }
  if (level == <i32>LoggingSeverity.Unset) {
    levels = others;
    return true;
  }
  if (count == MAX_LEVELS) return false;
  levels = new LoggerLevel(logger, level, others);
  return true;
}
