import {
  EVENT_INFO_ENTITY,
  EVENT_INFO_FLAGS,
  EVENT_INFO_LENGTH,
  EVENT_INFO_REQUEST,
  EVENT_INFO_SIZE,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_REQUEST_FAULTED,
  event_next,
  event_take,
} from "./env";
import { runTopLevelCode } from "./link";
import { collect } from "./rt/collector";
import { freeMemory, RAW, release, tryAllocate } from "./rt/heap";
import { serverOf } from "./service/server";
import { nextDeadline, runReady, start } from "./task/scheduler";
import { Task } from "./task/task";

class TopLevelTask extends Task {
  run(): void {
    runTopLevelCode();
  }
}

let started = false;

const eventInfo: usize = memory.data(<i32>EVENT_INFO_SIZE, 4);

/**
 * The one function the firmware calls: takes at most one event, runs every task that is ready once, and tells when it
 * wants to run again. So the firmware gets its turn between any two slices of work.
 */
export function poll(): i64 {
  if (!started) {
    started = true;
    start(new TopLevelTask());
  } else {
    takeEvent();
  }
  runReady();
  return nextDeadline();
}

function takeEvent(): void {
  const kind = event_next(eventInfo);
  if (kind == EVENT_NONE) return;
  const length = load<u32>(eventInfo, EVENT_INFO_LENGTH);
  const server = serverOf(load<i32>(eventInfo, EVENT_INFO_ENTITY));
  // For a service that was destroyed, or of a kind of a newer firmware.
  if ((kind != EVENT_REQUEST && kind != EVENT_REQUEST_FAULTED) || server === null) {
    event_take(0, 0);
    return;
  }
  const token = load<i32>(eventInfo, EVENT_INFO_REQUEST);
  const bigEndian = (load<u32>(eventInfo, EVENT_INFO_FLAGS) & 1) != 0;
  const payload = roomFor(length);
  if (!payload) {
    event_take(0, 0);
    server.accept(
      token,
      0,
      0,
      false,
      "out of memory: request of " + length.toString() + " bytes, " + freeMemory().toString() + " free",
    );
    return;
  }
  event_take(payload, length);
  if (kind == EVENT_REQUEST) {
    server.accept(token, payload, length, bigEndian, null);
    return;
  }
  const reason = String.UTF8.decodeUnsafe(payload, length);
  release(payload);
  server.accept(token, 0, 0, false, reason);
}

/** Memory for a payload, or 0. Between slices the collector may run. */
function roomFor(length: u32): usize {
  const block = tryAllocate(length, RAW);
  if (block) return block;
  collect();
  return tryAllocate(length, RAW);
}
