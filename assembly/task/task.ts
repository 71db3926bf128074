/**
 * Something that runs in a straight line and may be suspended in the middle.
 *
 * States, and what holds the task in each:
 *   ready      the scheduler's ready list; runs in this or the next poll
 *   running    {@link current}
 *   parked     the scheduler's list of parked tasks, in order of `deadline`; `stack` is set unless it has not begun
 *   finished   whoever made it, e.g. its service for the next request
 * ready -> running -> parked -> ready … -> running -> finished. A task that never parks has no stack at all.
 */
export abstract class Task {
  /** The next task of the list this one is in. */
  next: Task | null = null;
  /** Monotonic time in nanoseconds at which a parked task goes on. */
  deadline: i64 = 0;
  /** Address of the call stack saved when it was suspended (asyncify.ts); 0 if it is not suspended. */
  stack: usize = 0;
  /** What a parked task waits for besides its deadline: the address of an object, or 0. */
  channel: usize = 0;
  /** Whether the task was woken before its deadline. */
  woken: bool = false;

  /** The task from its beginning to its end. */
  abstract run(): void;
}
