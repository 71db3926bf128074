/** The time source of a participant. Tests pass a virtual one. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Milliseconds since 1970. */
  epoch(): number;
  /** Calls `wake` once after `delayMs`; a later call replaces an earlier one. `undefined` cancels. */
  wakeAfter(delayMs: number | undefined, wake: () => void): void;
}

/** Something to be done at a time; created once, scheduled as often as needed. */
export interface Task {
  /** When it runs next, in the clock's milliseconds; undefined while it is not scheduled. */
  readonly due: number | undefined;
  /** Moves the task to `delayMs` from now. */
  after(delayMs: number): void;
  /** As `after`, unless the task is due earlier already. */
  within(delayMs: number): void;
  cancel(): void;
}

/**
 * All the timers of a participant behind one timer of the host: a binary heap ordered by due time. Scheduling,
 * moving and cancelling cost O(log n).
 */
export class Scheduler {
  private readonly heap: HeapTask[] = [];
  /** When the host's timer fires; Infinity when it is not armed. */
  private armedFor = Number.POSITIVE_INFINITY;
  private stopped = false;

  constructor(readonly clock: Clock) {}

  task(run: () => void): Task {
    return new HeapTask(this, run);
  }

  /** Cancels everything; nothing runs afterwards. */
  stop(): void {
    this.stopped = true;
    for (const task of this.heap) task.index = -1;
    this.heap.length = 0;
    this.clock.wakeAfter(undefined, this.wake);
  }

  place(task: HeapTask, due: number): void {
    if (this.stopped) return;
    task.dueAt = due;
    if (task.index < 0) {
      task.index = this.heap.length;
      this.heap.push(task);
    }
    this.up(task.index);
    this.down(task.index);
    this.arm();
  }

  remove(task: HeapTask): void {
    const at = task.index;
    if (at < 0) return;
    task.index = -1;
    const last = this.heap.pop() as HeapTask;
    if (last === task) return;
    this.heap[at] = last;
    last.index = at;
    this.up(last.index);
    this.down(last.index);
  }

  /** The host's timer is only moved forward: waking too early costs less than re-arming at every change. */
  private arm(): void {
    const first = this.heap[0];
    if (first === undefined || first.dueAt >= this.armedFor) return;
    this.armedFor = first.dueAt;
    this.clock.wakeAfter(Math.max(0, first.dueAt - this.clock.now()), this.wake);
  }

  private readonly wake = (): void => {
    this.armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    for (let first = this.heap[0]; first !== undefined && first.dueAt <= now; first = this.heap[0]) {
      this.remove(first);
      first.run();
    }
    this.arm();
  };

  private up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  private down(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const child = right < this.heap.length && this.due(right) < this.due(left) ? right : left;
      if (!this.swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  private due(at: number): number {
    return (this.heap[at] as HeapTask).dueAt;
  }

  private swapIfEarlier(lower: number, upper: number): boolean {
    const a = this.heap[lower] as HeapTask;
    const b = this.heap[upper] as HeapTask;
    if (a.dueAt >= b.dueAt) return false;
    this.heap[upper] = a;
    this.heap[lower] = b;
    a.index = upper;
    b.index = lower;
    return true;
  }
}

class HeapTask implements Task {
  index = -1;
  dueAt = 0;

  constructor(
    private readonly scheduler: Scheduler,
    readonly run: () => void,
  ) {}

  get due(): number | undefined {
    return this.index < 0 ? undefined : this.dueAt;
  }

  after(delayMs: number): void {
    this.scheduler.place(this, this.scheduler.clock.now() + delayMs);
  }

  within(delayMs: number): void {
    const due = this.scheduler.clock.now() + delayMs;
    if (this.index < 0 || due < this.dueAt) this.scheduler.place(this, due);
  }

  cancel(): void {
    this.scheduler.remove(this);
  }
}
