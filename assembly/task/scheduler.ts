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

/**
 * Suspends the running task until the monotonic time `deadline` in nanoseconds, or until {@link wake}.
 * @returns whether it was woken
 */
export function park(deadline: i64): bool {
  const task = running();
  task.deadline = deadline;
  task.woken = false;
  insertParked(task);
  suspend();
  return task.woken;
}

/** Makes a parked task go on. False if it is not parked (any more). */
export function wake(task: Task): bool {
  let previous: Task | null = null;
  let parked = firstParked;
  while (parked !== null && parked !== task) {
    previous = parked;
    parked = parked.next;
  }
  if (parked === null) return false;
  if (previous === null) firstParked = task.next;
  else previous.next = task.next;
  task.woken = true;
  start(task);
  return true;
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

/** Runs every task that was ready or due when this began, once. */
export function runReady(): void {
  const time = now(CLOCK_MONOTONIC);
  let due = firstParked;
  while (due !== null && due.deadline <= time) {
    firstParked = due.next;
    start(due);
    due = firstParked;
  }
  const last = lastReady;
  let task = firstReady;
  while (task !== null) {
    const isLast = task === last;
    firstReady = task.next;
    if (firstReady === null) lastReady = null;
    task.next = null;
    runSlice(task);
    task = isLast ? null : firstReady;
  }
}

/** When the scheduler next has something to do without an event: monotonic nanoseconds, or i64.MAX_VALUE. */
export function nextDeadline(): i64 {
  if (firstReady !== null) return 0;
  const parked = firstParked;
  return parked === null ? i64.MAX_VALUE : parked.deadline;
}
