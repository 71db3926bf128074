import { ERROR_NOT_FOUND, ERROR_TOO_LARGE, STORAGE_KEY_OCTETS, storage_read, storage_write } from "./env";
import { Logger } from "./log/logger";
import { allocate, RAW, release, sizeOf } from "./rt/heap";
import { fail, utf8 } from "./rt/text";

// Values that outlive a restart of the app and of the board, under keys. A value is what its type says and nothing
// else: a number or a bool in its own width, little-endian; the UTF-8 of a string; the octets of a u8[]. Keys of kept
// parameters begin with "/" (parameter/storage.ts), so no key of an app does.

/**
 * The value stored under `key`. One that is there and cannot be read, or is none of this type, is told in the log.
 * @param key 1 to 64 octets, not beginning with "/"; else the app ends
 * @param fallback what is returned without a value: a number, a bool, a string or a u8[]
 * @example const starts = storage.get<i32>("starts", 0) + 1;
 */
export function get<T>(key: string, fallback: T): T {
  const name = checked(key);
  const length = storage_read(name, <u32>sizeOf(name), 0, 0);
  let block: usize = 0;
  let result = length;
  if (length >= 0) {
    block = allocate(length, RAW);
    result = storage_read(name, <u32>sizeOf(name), block, length);
  }
  release(name);
  let value = fallback;
  if (result < 0) {
    if (result != ERROR_NOT_FOUND) complain(key, errorOf(result));
  } else if (isString<T>()) {
    value = changetype<T>(String.UTF8.decodeUnsafe(block, length));
  } else if (isArray<T>()) {
    value = octets<T>(block, length);
  } else if (length == sizeof<T>()) {
    value = load<T>(block);
  } else {
    complain(key, "it is of another type");
  }
  if (block) release(block);
  return value;
}

/**
 * Stores a value: all of it, or the one before stays.
 * @param key as for {@link get}
 * @param value a number, a bool, or a string or u8[] of at most 4,096 octets; an empty one is as {@link remove}
 * @returns null, or why it is not stored
 * @example
 *   const error = storage.set<i32>("starts", starts);
 *   if (error !== null) node.logger.error(error);
 */
export function set<T>(key: string, value: T): string | null {
  if (isString<T>()) {
    const text = utf8(changetype<string>(value));
    const error = write(key, text, <i32>sizeOf(text));
    release(text);
    return error;
  }
  if (isArray<T>()) {
    const array = changetype<u8[]>(value);
    return write(key, array.dataStart, array.length);
  }
  const block = allocate(sizeof<T>(), RAW);
  store<T>(block, value);
  const error = write(key, block, sizeof<T>());
  release(block);
  return error;
}

/** Whether there is a value. @param key as for {@link get} */
export function has(key: string): bool {
  const name = checked(key);
  const length = storage_read(name, <u32>sizeOf(name), 0, 0);
  release(name);
  return length >= 0;
}

/** Forgets a value, if there is one. @param key as for {@link get} @returns null, or why it is still there */
export function remove(key: string): string | null {
  return write(key, 0, 0);
}

function write(key: string, value: usize, length: i32): string | null {
  const name = checked(key);
  const result = storage_write(name, <u32>sizeOf(name), value, length);
  release(name);
  return result < 0 ? "storage: " + key + " is not stored: " + errorOf(result) : null;
}

/** UTF-8 of a key, to be released. */
function checked(key: string): usize {
  const name = utf8(key);
  const length = sizeOf(name);
  if (length == 0 || length > <usize>STORAGE_KEY_OCTETS || key.charCodeAt(0) == SLASH) {
    fail(`storage: a key has 1 to ${STORAGE_KEY_OCTETS} octets and does not begin with a slash: "${key}"`);
  }
  return name;
}

const SLASH = 0x2f;

function octets<T>(block: usize, length: i32): T {
  const array = new Array<u8>(length);
  memory.copy(array.dataStart, block, length);
  return changetype<T>(array);
}

function complain(key: string, reason: string): void {
  new Logger("storage").warn(key + " cannot be read: " + reason);
}

function errorOf(error: i32): string {
  return error == ERROR_TOO_LARGE ? "it is too large" : "the board has no storage, or it failed or is full";
}
