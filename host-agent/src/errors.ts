/**
 * The one error class of the host side. Every error a person can meet says what is wrong, where, and what
 * to do about it, under a code that stays the same from release to release, so that scripts can branch on it.
 */
export interface ErrorDetails {
  /** File, port, peer, topic or "byte 12 of SPDP data": where the fault was met. */
  readonly where?: string;
  /** What the reader can do about it, as an imperative sentence. */
  readonly remedy?: string;
  /** Clause of the standard that the input violates, e.g. "DDS-XRCE 1.0, 8.3.5.6". */
  readonly clause?: string;
  readonly cause?: unknown;
}

export class RosehipError extends Error {
  override readonly name = "RosehipError";
  readonly where: string | undefined;
  readonly remedy: string | undefined;
  readonly clause: string | undefined;

  /** @param code stable, upper case, prefixed by the part it comes from: `XRCE_…`, `RTPS_…`, `CDR_…`, `IDL_…`, `CLI_…`, `BUILD_…` */
  constructor(
    readonly code: string,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.where = details.where;
    this.remedy = details.remedy;
    this.clause = details.clause;
  }
}

/** Bytes from outside that do not decode. Carries the offset so that a log line can be laid beside a capture. */
export class DecodeError extends RosehipError {
  constructor(
    code: string,
    message: string,
    readonly offset: number,
    clause?: string,
  ) {
    super(code, message, { where: `byte ${offset}`, ...(clause === undefined ? {} : { clause }) });
  }
}
