import {
  CLOCK_MONOTONIC,
  EVENT_INFO_ENTITY,
  EVENT_INFO_FLAGS,
  EVENT_INFO_LENGTH,
  EVENT_INFO_REQUEST,
  EVENT_INFO_SIZE,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_SAMPLE,
  event_next,
  event_take,
  now,
} from "./env";
import { runTopLevelCode } from "./link";
import { Entity, entityOf, releaseEntities } from "./node/entity";
import { collect } from "./rt/collector";
import { heapSize, RAW, resize, tryAllocate } from "./rt/heap";
import { NS_PER_MS } from "./task/deadline";
import { isAnySuspended, nextDeadline, runReady, start } from "./task/scheduler";
import { Task } from "./task/task";

class TopLevelTask extends Task {
  run(): void {
    runTopLevelCode();
  }
}

let started = false;

const eventInfo: usize = memory.data(<i32>EVENT_INFO_SIZE, 4);

/** Monotonic nanoseconds at which samples that wait for memory are looked at again; 0: none waits. */
let retryAt: i64 = 0;

/**
 * The one function the firmware calls: takes at most one event, runs every task that is ready once, and tells when it
 * wants to run again. So the firmware gets its turn between any two slices of work.
 */
export function poll(): i64 {
  if (!started) {
    started = true;
    start(new TopLevelTask());
  } else {
    if (retryAt != 0 && now(CLOCK_MONOTONIC) >= retryAt) retry();
    takeEvent();
  }
  const ran = runReady();
  // A task has run, and may have left memory.
  if (retryAt != 0 && ran) retry();
  return retryAt == 0 ? nextDeadline() : min(nextDeadline(), retryAt);
}

/** Takes the oldest event that can be taken now. Samples that cannot stay in the firmware, and others go past them. */
function takeEvent(): void {
  for (let kind = event_next(eventInfo); kind != EVENT_NONE; kind = event_next(eventInfo)) {
    const token = load<i32>(eventInfo, EVENT_INFO_REQUEST);
    const length = load<u32>(eventInfo, EVENT_INFO_LENGTH);
    const flags = load<u32>(eventInfo, EVENT_INFO_FLAGS);
    // Null for an entity that was destroyed while the event waited.
    const entity = entityOf(load<i32>(eventInfo, EVENT_INFO_ENTITY));
    const isSample = kind == EVENT_SAMPLE;
    if (entity !== null && isSample && entity.delivering) {
      entity.hold();
      continue;
    }
    const payload = entity !== null && length != 0 ? roomFor(length, reserveFor(kind, length)) : 0;
    if (entity !== null && isSample && !payload && length != 0 && mayWait(entity)) {
      entity.hold();
      continue;
    }
    if (entity !== null) entity.waitsSince = 0;
    event_take(payload, payload ? length : 0);
    if (entity !== null) entity.accept(kind, token, payload, length, flags);
    return;
  }
}

/** Whether a sample that has no room may wait, since tasks that have memory may end; but not for ever. */
function mayWait(entity: Entity): bool {
  const time = now(CLOCK_MONOTONIC);
  if (entity.waitsSince == 0) entity.waitsSince = time;
  if (isAnySuspended() && time - entity.waitsSince < PATIENCE) {
    retryAt = time + RETRY;
    return true;
  }
  entity.waitsSince = 0;
  return false;
}

/** The samples that wait for memory are shown again. */
function retry(): void {
  retryAt = 0;
  releaseEntities();
}

/** How long a sample waits for memory that suspended tasks have. */
const PATIENCE: i64 = 10_000 * NS_PER_MS;
const RETRY: i64 = 1_000 * NS_PER_MS;

/** Octets that a payload leaves for the objects that its entity makes to keep it. */
const RESERVE: usize = 256;

/** What a callback that begins finds free besides: this part of the heap. */
const CALLBACK_PART: usize = 16;

/** Times the octets of a sample that its callback may need besides: as a text in UTF-16, and for what is made of it. */
const SAMPLE_COPIES: usize = 3;

/** Octets to be left free. Samples take none of the memory that the tasks of others may be about to use. */
function reserveFor(kind: i32, length: u32): usize {
  if (kind != EVENT_REQUEST && kind != EVENT_SAMPLE) return RESERVE;
  const callback = max(RESERVE, heapSize() / CALLBACK_PART);
  return kind == EVENT_SAMPLE && isAnySuspended() ? callback + <usize>length * SAMPLE_COPIES : callback;
}

/** Memory for a payload that leaves `reserve` octets, or 0. Between slices the collector may run. */
function roomFor(length: u32, reserve: usize): usize {
  // A sum that wraps is of a length that is far too large itself.
  const wanted = max(<usize>length, <usize>length + reserve);
  let block = tryAllocate(wanted, RAW);
  if (!block) {
    collect();
    block = tryAllocate(wanted, RAW);
  }
  return block ? resize(block, length) : 0;
}
