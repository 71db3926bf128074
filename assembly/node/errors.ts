import {
  ERROR_BAD_HANDLE,
  ERROR_BUSY,
  ERROR_INVALID_ARGUMENT,
  ERROR_INVALID_NAME,
  ERROR_NO_EVENT,
  ERROR_OUT_OF_MEMORY,
  ERROR_TOO_LARGE,
} from "../env";

/** The sentence for a result below 0 of a function of the firmware. */
export function errorText(code: i32): string {
  switch (code) {
    case ERROR_INVALID_ARGUMENT:
      return "an argument is out of range";
    case ERROR_BAD_HANDLE:
      return "it does not exist any more";
    case ERROR_OUT_OF_MEMORY:
      return "the firmware's arena is full: give it more memory, or create fewer entities";
    case ERROR_TOO_LARGE:
      return "it is larger than the link to the agent carries";
    case ERROR_INVALID_NAME:
      return "the firmware does not accept the name";
    case ERROR_NO_EVENT:
      return "there is no event";
    case ERROR_BUSY:
      return "the outgoing queue is full";
    default:
      return `error ${code}`;
  }
}
