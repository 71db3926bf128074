import {
  ERROR_BUS,
  ERROR_INVALID_ARGUMENT,
  ERROR_NACK,
  ERROR_TIMEOUT,
  ERROR_TOO_LARGE,
  ERROR_UNSUPPORTED,
} from "../env";
import { fail } from "../rt/text";

/** Ends the app: what it asked for is a mistake in it, or the board cannot do it. */
export function refuse(what: string, number: i32, error: i32): void {
  fail(what + " " + number.toString() + ": " + reasonOf(error));
}

function reasonOf(error: i32): string {
  switch (error) {
    case ERROR_UNSUPPORTED:
      return "this board cannot do that";
    case ERROR_INVALID_ARGUMENT:
      return "there is none for apps on this board, or a value is out of range";
    case ERROR_TOO_LARGE:
      return "transfer too long";
    default:
      return "error " + error.toString();
  }
}

/** Why a transfer on a bus did not succeed. */
export enum TransferError {
  None = 0,
  /** I2C: nobody is there, or it does not take (any more) octets. */
  Nack = 1,
  /** It was not over in time, for example because a device holds the clock. */
  Timeout = 2,
  /** Anything else: lost arbitration, a short circuit, a driver that failed. */
  Bus = 3,
}

/** The result of a transfer. Ends the app for one that no device is to blame for. */
export function transferError(bus: string, number: i32, result: i32): TransferError {
  if (result >= 0) return TransferError.None;
  if (result == ERROR_NACK) return TransferError.Nack;
  if (result == ERROR_TIMEOUT) return TransferError.Timeout;
  if (result != ERROR_BUS) refuse(bus, number, result);
  return TransferError.Bus;
}

/** The words for a log line. */
export function transferErrorText(error: TransferError): string {
  switch (error) {
    case TransferError.None:
      return "no error";
    case TransferError.Nack:
      return "no acknowledgement";
    case TransferError.Timeout:
      return "not over in time";
    default:
      return "bus fault";
  }
}
