/**
 * Why a sample could not be read or written. The first fault stays; everything after it reads as zero or writes
 * nothing, so that generated code needs no check of its own between fields.
 */
export enum CdrError {
  None = 0,
  /** The payload ends before the value does, or a length field promises more than is left. */
  Truncated = 1,
  /** A sequence or string is longer than its type allows. */
  Bound = 2,
  /** A fixed-size array was replaced by one of another length. */
  ArrayLength = 3,
  /** More than {@link CdrWriter.MAX_LENGTH} octets. */
  TooLarge = 4,
}

/** The sentence for a log line. */
export function cdrErrorText(error: CdrError): string {
  switch (error) {
    case CdrError.None:
      return "no error";
    case CdrError.Truncated:
      return "payload is truncated";
    case CdrError.Bound:
      return "sequence or string is over its bound";
    case CdrError.ArrayLength:
      return "array does not have its fixed length";
    default:
      return "message is too large";
  }
}
