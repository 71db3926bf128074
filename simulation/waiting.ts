import { setImmediate as nextTurn } from "node:timers/promises";
import { milliseconds, type VirtualClock } from "./clock.js";

/** What {@link Waiting} drives: a graph of boards in virtual time. */
export interface Timed {
  readonly clock: VirtualClock;
  /** When something next happens by itself; undefined for never. */
  readonly wakeAt: bigint | undefined;
  /** Lets everything happen that is due now. */
  settle(): void;
}

interface Waiter {
  readonly task: Task;
  readonly deadline: bigint;
  /** Settles the promise if it can be. @returns whether it did */
  look(): boolean;
  /** The deadline has come, or (`idle`) nothing will ever happen any more. */
  giveUp(idle: boolean): void;
  fail(error: unknown): void;
}

/** Something that is being done for the test. Time passes for it as long as somebody awaits it. */
class Task {
  awaited = false;
}

/** As long as waits take by default, in milliseconds of virtual time. */
export const DEFAULT_TIMEOUT_MS = 3_600_000;

/** Waits for a condition inside a task. */
export type Wait = <T>(
  look: () => T | undefined,
  timeoutMs: number,
  failure: (idle: boolean) => Error,
) => Promise<T>;

/**
 * Promises in virtual time. While the test awaits one of them, time goes on from event to event, without any sleeping; when
 * one is settled, time stands still until the test has had its turn. So the same test sees the same times in every run.
 */
export class Waiting {
  private readonly waiters = new Set<Waiter>();
  private running = false;

  constructor(private readonly timed: Timed) {}

  /** Does something that takes virtual time. What `body` does up to its first wait is done at once. */
  start<T>(body: (wait: Wait) => Promise<T>): Promise<T> {
    const task = new Task();
    const result = body((look, timeoutMs, failure) => this.wait(task, look, timeoutMs, failure));
    return new AwaitedPromise(result, () => {
      task.awaited = true;
      void this.run();
    });
  }

  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void {
    const end = this.timed.clock.now + milliseconds(ms);
    this.settle();
    while (this.next <= end) {
      this.timed.clock.advanceTo(this.next);
      this.settle();
    }
    this.timed.clock.advanceTo(end);
  }

  private wait<T>(
    task: Task,
    look: () => T | undefined,
    timeoutMs: number,
    failure: (idle: boolean) => Error,
  ): Promise<T> {
    const { promise, resolve, reject } = deferred<T>();
    this.waiters.add({
      task,
      deadline: this.timed.clock.now + milliseconds(timeoutMs),
      look: () => {
        const value = look();
        if (value === undefined) return false;
        resolve(value);
        return true;
      },
      giveUp: (idle) => reject(failure(idle)),
      fail: reject,
    });
    return promise;
  }

  private get next(): bigint {
    return earliest([this.timed.wakeAt, ...[...this.waiters].map(({ deadline }) => deadline)]) ?? FOREVER;
  }

  /** @returns whether a promise was settled */
  private settle(): boolean {
    this.timed.settle();
    let settled = false;
    for (const waiter of this.waiters) {
      const expired = waiter.deadline <= this.timed.clock.now;
      if (!waiter.look()) {
        if (!expired) continue;
        waiter.giveUp(false);
      }
      this.waiters.delete(waiter);
      settled = true;
    }
    return settled;
  }

  private get isAwaited(): boolean {
    for (const { task } of this.waiters) if (task.awaited) return true;
    return false;
  }

  /** Time passes here, and nowhere else while the test awaits. */
  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    // What the test does next may be to wait for more.
    await nextTurn();
    while (this.isAwaited) {
      try {
        if (this.settle()) await nextTurn();
        else if (this.timed.wakeAt !== undefined) this.timed.clock.advanceTo(this.next);
        else await this.endAll((waiter) => waiter.giveUp(true));
      } catch (error) {
        await this.endAll((waiter) => waiter.fail(error));
      }
    }
    this.running = false;
  }

  /** Whatever is waited for does not come. */
  private async endAll(end: (waiter: Waiter) => void): Promise<void> {
    for (const waiter of this.waiters) end(waiter);
    this.waiters.clear();
    await nextTurn();
  }
}

const FOREVER = 2n ** 63n - 1n;

function earliest(times: readonly (bigint | undefined)[]): bigint | undefined {
  return times.reduce((least, time) =>
    least === undefined || (time !== undefined && time < least) ? time : least,
  );
}

function deferred<T>() {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (settle === undefined) throw new Error("a promise's executor runs at once");
  return { promise, ...settle };
}

/** A promise that tells when somebody waits for it. */
class AwaitedPromise<T> extends Promise<T> {
  private readonly onAwait: (() => void) | undefined;

  // `then` of this class is called by `await`, since its constructor is not Promise; what it makes is a plain promise.
  static override get [Symbol.species]() {
    return Promise;
  }

  constructor(result: Promise<T>, onAwait: () => void) {
    super((resolve, reject) => void result.then(resolve, reject));
    this.onAwait = onAwait;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one
  override then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.onAwait?.();
    return super.then(onFulfilled, onRejected);
  }
}
