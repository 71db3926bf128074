// The app of the test of the storage: counts its starts, in the log.
import { log, storage_read as storageRead, storage_write as storageWrite } from "../../../assembly/env";

export const rosehip_abi_version: i32 = 1;
export const rosehip_memory_bytes: i32 = 65536;

const NOT_FOUND = -8;
const count = memory.data(4);
let started = false;

function text(s: string): usize {
  return changetype<usize>(String.UTF8.encode(s));
}

function say(line: string): void {
  log(20, text("storage"), 7, text(line), line.length);
}

/** @returns 0, or what the storage said */
function countStart(): i32 {
  const read = storageRead(text("starts"), 6, count, 4);
  if (read !== 4 && read !== NOT_FOUND) return read;
  store<i32>(count, load<i32>(count) + 1);
  return storageWrite(text("starts"), 6, count, 4);
}

export function rosehip_poll(): i64 {
  if (!started) {
    started = true;
    const error = countStart();
    say(error === 0 ? "start " + load<i32>(count).toString() : "error " + error.toString());
  }
  return i64.MAX_VALUE;
}
