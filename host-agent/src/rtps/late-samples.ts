import type { Scheduler } from "./behavior/scheduler.js";
import type { SequenceNumber } from "./structure/sequence-number.js";

/** How long a closed reader is remembered: until its writers have heard of its end, and what was under way is here. */
const REMEMBERED_MS = 2000;
/** Samples that one closed reader counts. */
const MAX_COUNTED = 1024;

interface ClosedReader {
  readonly writers: ReadonlySet<string>;
  readonly counted: Set<string>;
  readonly onLate: () => void;
}

/** Samples for readers that were closed a moment ago: they were written to somebody, and nobody gets them. */
export class LateSamples {
  private readonly closed = new Set<ClosedReader>();

  constructor(private readonly scheduler: Scheduler) {}

  /**
   * @param writers keys of the reliable writers that the reader was matched with
   * @param onLate called once for each sample
   */
  expect(writers: readonly string[], onLate: () => void): void {
    if (writers.length === 0) return;
    const reader = { writers: new Set(writers), counted: new Set<string>(), onLate };
    this.closed.add(reader);
    this.scheduler.task(() => this.closed.delete(reader)).after(REMEMBERED_MS);
  }

  /** A sample that no reader has taken. */
  onSample(writer: string, sequenceNumber: SequenceNumber): void {
    for (const { writers, counted, onLate } of this.closed) {
      const sample = `${writer} ${sequenceNumber}`;
      if (!writers.has(writer) || counted.has(sample) || counted.size >= MAX_COUNTED) continue;
      counted.add(sample);
      onLate();
    }
  }
}
