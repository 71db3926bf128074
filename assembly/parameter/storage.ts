import { CdrError, CdrReader, CdrWriter } from "../cdr";
import {
  ERROR_NOT_FOUND,
  ERROR_TOO_LARGE,
  STORAGE_KEY_OCTETS,
  STORAGE_VALUE_OCTETS,
  storage_read,
  storage_write,
} from "../env";
import { Logger } from "../log/logger";
import { errorText } from "../node/errors";
import { allocate, RAW, release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { ParameterValue } from "./value";

// A kept value is one entry of the board's storage: its key is the parameter's full name ("/robot/arm.max_speed"), its
// value a rcl_interfaces/msg/ParameterValue as CDR. Values an app declares are not stored, only those set later.

/** UTF-8 of a key, to be released. Ends the app if it is longer than the storage allows. */
function keyOf(node: string, name: string): usize {
  const key = utf8(node + "." + name);
  if (sizeOf(key) > <usize>STORAGE_KEY_OCTETS) {
    fail(
      `parameter ${name} of ${node} cannot be kept: both names together may have ${STORAGE_KEY_OCTETS - 1} octets`,
    );
  }
  return key;
}

/** The value kept of a parameter, or null. One that cannot be read is told in the log. */
export function readKept(logger: Logger, node: string, name: string): ParameterValue | null {
  const key = keyOf(node, name);
  let length = storage_read(key, <u32>sizeOf(key), 0, 0);
  let value: ParameterValue | null = null;
  if (length > 0) {
    const block = allocate(length, RAW);
    length = storage_read(key, <u32>sizeOf(key), block, length);
    const reader = new CdrReader(block, max(length, 0));
    value = ParameterValue.read(reader);
    if (reader.error != CdrError.None) value = null;
    release(block);
  }
  release(key);
  if (value === null && length != ERROR_NOT_FOUND) {
    logger.warn(
      `parameter ${name}: its kept value is lost: ${length < 0 ? errorText(length) : "it is damaged"}`,
    );
  }
  return value;
}

/** Keeps the value of a parameter; null forgets it. A failure is told in the log. */
export function writeKept(logger: Logger, node: string, name: string, value: ParameterValue | null): void {
  const key = keyOf(node, name);
  const measure = new CdrWriter(0, 0);
  if (value !== null) value.write(measure);
  const length = measure.length;
  let result = ERROR_TOO_LARGE;
  if (length <= STORAGE_VALUE_OCTETS) {
    const block = allocate(length, RAW);
    if (value !== null) value.write(new CdrWriter(block, length));
    result = storage_write(key, <u32>sizeOf(key), block, length);
    release(block);
  }
  release(key);
  if (result < 0) logger.error(`parameter ${name} is not kept over a restart: ${errorText(result)}`);
}
