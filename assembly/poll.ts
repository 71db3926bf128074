import {
  EVENT_INFO_ENTITY,
  EVENT_INFO_FLAGS,
  EVENT_INFO_LENGTH,
  EVENT_INFO_REQUEST,
  EVENT_INFO_SIZE,
  EVENT_NONE,
  event_next,
  event_take,
} from "./env";
import { runTopLevelCode } from "./link";
import { entityOf } from "./node/entity";
import { collect } from "./rt/collector";
import { RAW, resize, tryAllocate } from "./rt/heap";
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
  const token = load<i32>(eventInfo, EVENT_INFO_REQUEST);
  const length = load<u32>(eventInfo, EVENT_INFO_LENGTH);
  const bigEndian = (load<u32>(eventInfo, EVENT_INFO_FLAGS) & 1) != 0;
  // Null for an entity that was destroyed while the event waited.
  const entity = entityOf(load<i32>(eventInfo, EVENT_INFO_ENTITY));
  const payload = entity !== null && length != 0 ? roomFor(length) : 0;
  event_take(payload, payload ? length : 0);
  if (entity !== null) entity.accept(kind, token, payload, length, bigEndian);
}

/** Octets that a payload leaves for the objects that its entity makes to keep it. */
const RESERVE: u32 = 256;

/** Memory for a payload, or 0. Between slices the collector may run. */
function roomFor(length: u32): usize {
  // A sum that wraps is of a length that is far too large itself.
  const wanted = max(length, length + RESERVE);
  let block = tryAllocate(wanted, RAW);
  if (!block) {
    collect();
    block = tryAllocate(wanted, RAW);
  }
  return block ? resize(block, length) : 0;
}
