import { CLOCK_MONOTONIC, now } from "../env";
import { running, runSlice, suspend } from "./asyncify";
import { Task } from "./task";

// Tasks take turns; none is ever interrupted. All state is in globals with constant initial values, because the
// scheduler runs before the module's start function: that function is itself run by the first task.

/** Tasks to run, first come first served. */
let firstReady: Task | null = null;
let lastReady: Task | null = null;

/** Parked tasks, the earliest deadline first. */
let firstParked: Task | null = null;

/** Lets a task run from its beginning. */
export function start(task: Task): void {
  task.next = null;
  const last = lastReady;
  if (last === null) firstReady = task;
  else last.next = task;
  lastReady = task;
}

/** Lets a task run from its beginning when the monotonic time is `deadline` in nanoseconds. */
export function startAt(task: Task, deadline: i64): void {
  task.deadline = deadline;
  insertParked(task);
}

/**
 * Suspends the running task until the monotonic time `deadline` in nanoseconds, or until `channel` is woken.
 * @param channel address of the object it waits for; 0 if nothing can wake it
 * @returns whether it was woken
 */
export function park(deadline: i64, channel: usize): bool {
  const task = running();
  task.deadline = deadline;
  task.channel = channel;
  task.woken = false;
  insertParked(task);
  suspend();
  task.channel = 0;
  return task.woken;
}

/** Makes the tasks that are parked on `channel` go on. False if there are none. */
export function wake(channel: usize): bool {
  let found = false;
  let previous: Task | null = null;
  let task = firstParked;
  while (task !== null) {
    const following = task.next;
    if (task.channel != channel) {
      previous = task;
    } else {
      if (previous === null) firstParked = following;
      else previous.next = following;
      task.woken = true;
      start(task);
      found = true;
    }
    task = following;
  }
  return found;
}

function insertParked(task: Task): void {
  let previous: Task | null = null;
  let following = firstParked;
  while (following !== null && following.deadline <= task.deadline) {
    previous = following;
    following = following.next;
  }
  task.next = following;
  if (previous === null) firstParked = task;
  else previous.next = task;
}

/** Whether a task is suspended: one that has begun and not ended, and so holds memory that may come back. */
export function isAnySuspended(): bool {
  return isSuspendedIn(firstReady) || isSuspendedIn(firstParked);
}

function isSuspendedIn(list: Task | null): bool {
  let task = list;
  while (task !== null && !task.stack) task = task.next;
  return task !== null;
}

/** Runs every task that was ready or due when this began, once. False if there was none. */
export function runReady(): bool {
  const time = now(CLOCK_MONOTONIC);
  let due = firstParked;
  while (due !== null && due.deadline <= time) {
    firstParked = due.next;
    start(due);
    due = firstParked;
  }
  const last = lastReady;
  let task = firstReady;
  if (task === null) return false;
  while (task !== null) {
    const isLast: bool = task === last;
    firstReady = task.next;
    if (firstReady === null) lastReady = null;
    task.next = null;
    runSlice(task);
    task = isLast ? null : firstReady;
  }
  return true;
}

/** When the scheduler next has something to do without an event: monotonic nanoseconds, or i64.MAX_VALUE. */
export function nextDeadline(): i64 {
  if (firstReady !== null) return 0;
  const parked = firstParked;
  return parked === null ? i64.MAX_VALUE : parked.deadline;
}
