import { DEFAULT_TIMEOUT_MS, type Waiting } from "../waiting.js";

/**
 * Values that come as virtual time passes, as an async iterator: each is given once, and an iteration begun again goes on
 * where the last one stopped.
 */
export class Stream<T> implements AsyncIterableIterator<T> {
  private readonly queue: T[] = [];
  private ended = false;

  constructor(
    private readonly waiting: Waiting,
    private readonly timeoutError: (idle: boolean) => Error,
  ) {}

  push(value: T): void {
    if (!this.ended) this.queue.push(value);
  }

  /** No more will come; what has come is given still. */
  end(): void {
    this.ended = true;
  }

  /** @throws what the constructor was given if none comes within an hour of virtual time */
  next(): Promise<IteratorResult<T, undefined>> {
    const look = (): IteratorResult<T, undefined> | undefined => {
      if (this.queue.length > 0) return { value: this.queue.shift() as T, done: false };
      return this.ended ? { value: undefined, done: true } : undefined;
    };
    return this.waiting.start(async (wait) => look() ?? wait(look, DEFAULT_TIMEOUT_MS, this.timeoutError));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
