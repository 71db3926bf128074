import {
  ERROR_BAD_HANDLE,
  ERROR_BUSY,
  ERROR_INVALID_ARGUMENT,
  ERROR_INVALID_NAME,
  ERROR_OUT_OF_MEMORY,
  ERROR_TOO_LARGE,
} from "../env";

/** The sentence for a result below 0 of a function of the firmware. */
export function errorText(code: i32): string {
  switch (code) {
    case ERROR_INVALID_ARGUMENT:
      return "argument out of range";
    case ERROR_BAD_HANDLE:
      return "does not exist any more";
    case ERROR_OUT_OF_MEMORY:
      return "the firmware's arena is full";
    case ERROR_TOO_LARGE:
      return "larger than the link carries";
    case ERROR_INVALID_NAME:
      return "name not accepted";
    case ERROR_BUSY:
      return "outgoing queue full";
    default:
      return "error " + code.toString();
  }
}
