/** Time and waiting, passed in so that tests can turn the clock by hand. */
export interface Clock {
  /** Milliseconds on a clock that never goes backward. */
  monotonicMs(): number;
  /** Nanoseconds since 1970-01-01 UTC. */
  wallNs(): bigint;
  /** Calls back once after `delayMs`, or after weeks if that is earlier; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back once all that has arrived by now is handled. Absent: once the current event is. */
  later?(callback: () => void): void;
}

/** One appointment. Reusable: schedule it again after it fired or was cancelled. */
export class Timer {
  /** Due time in milliseconds; Infinity while not scheduled. */
  due = Number.POSITIVE_INFINITY;
  /** Where its entry in the heap lies; -1 if it has none. */
  slot = -1;

  constructor(
    private readonly timers: Timers,
    readonly callback: () => void,
  ) {}

  get scheduled(): boolean {
    return this.due !== Number.POSITIVE_INFINITY;
  }

  /** (Re)schedules the callback `delayMs` from now. */
  schedule(delayMs: number): void {
    this.timers.schedule(this, this.timers.now() + delayMs);
  }

  cancel(): void {
    this.timers.cancel(this);
  }
}

/**
 * All timers of an agent: a binary heap above one `Clock.after`, so that hundreds of clients cost one system timer,
 * and an agent with nothing to do never wakes.
 */
export class Timers {
  private readonly heap: Timer[] = [];
  private cancelWakeup: (() => void) | undefined;
  private wakeupAt = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.monotonicMs();
  }

  create(callback: () => void): Timer {
    return new Timer(this, callback);
  }

  schedule(timer: Timer, due: number): void {
    timer.due = due;
    if (timer.slot === -1) {
      timer.slot = this.heap.length;
      this.heap.push(timer);
    }
    this.up(timer.slot);
    this.down(timer.slot);
    this.arm();
  }

  cancel(timer: Timer): void {
    timer.due = Number.POSITIVE_INFINITY;
    const { slot } = timer;
    if (slot === -1) return;
    timer.slot = -1;
    const last = this.heap.pop() as Timer;
    if (last === timer) return;
    this.place(last, slot);
    this.up(slot);
    this.down(last.slot);
    // A wake-up that is now too early finds nothing due and goes back to sleep: cheaper than re-arming each time.
  }

  /** Forgets all timers. */
  close(): void {
    for (const timer of this.heap.splice(0)) {
      timer.slot = -1;
      timer.due = Number.POSITIVE_INFINITY;
    }
    this.cancelWakeup?.();
    this.cancelWakeup = undefined;
  }

  private arm(): void {
    const due = this.heap[0]?.due;
    if (due === undefined || (this.cancelWakeup !== undefined && this.wakeupAt <= due)) return;
    this.cancelWakeup?.();
    this.wakeupAt = due;
    this.cancelWakeup = this.clock.after(Math.max(0, due - this.now()), () => this.run());
  }

  private run(): void {
    this.cancelWakeup = undefined;
    const now = this.now();
    for (let first = this.heap[0]; first !== undefined && first.due <= now; first = this.heap[0]) {
      this.cancel(first);
      first.callback();
    }
    this.arm();
  }

  private place(timer: Timer, slot: number): void {
    this.heap[slot] = timer;
    timer.slot = slot;
  }

  private up(from: number): void {
    const timer = this.heap[from] as Timer;
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if ((this.heap[parent] as Timer).due <= timer.due) break;
      this.place(this.heap[parent] as Timer, slot);
      slot = parent;
    }
    this.place(timer, slot);
  }

  private down(from: number): void {
    const timer = this.heap[from] as Timer;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.heap.length) break;
      const right = this.heap[child + 1];
      if (right !== undefined && right.due < (this.heap[child] as Timer).due) child++;
      if ((this.heap[child] as Timer).due >= timer.due) break;
      this.place(this.heap[child] as Timer, slot);
      slot = child;
    }
    this.place(timer, slot);
  }
}
