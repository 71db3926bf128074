import { log, SEVERITY_DEBUG, SEVERITY_ERROR, SEVERITY_FATAL, SEVERITY_INFO, SEVERITY_WARN } from "../env";
import { release, sizeOf } from "../rt/heap";
import { utf8 } from "../rt/text";

/** Writes lines to the device's log, from where they go to /rosout. Never blocks. */
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

  private write(severity: i32, message: string): void {
    const text = utf8(message);
    log(severity, this.nameText, <u32>sizeOf(this.nameText), text, <u32>sizeOf(text));
    release(text);
  }
}

/** For what is not any node's. */
export const systemLogger = new Logger("rosehip");
