/** What several runs, or many samples of one, come to. */
export interface Measurement {
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of all samples of all runs, where a run takes many. */
  readonly p99?: number;
  readonly runs: number;
}

/** Nearest rank; `sorted` is not empty. */
export function percentile(sorted: readonly number[], part: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return sorted[index] ?? Number.NaN;
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const median = (values: readonly number[]): number => percentile(ascending(values), 0.5);

/** One value from each run. */
export function fromRuns(unit: string, values: readonly number[]): Measurement {
  const sorted = ascending(values);
  return {
    unit,
    median: percentile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    runs: values.length,
  };
}

/** Many samples from each run: median, least and greatest are those of the runs' medians. */
export function fromSamples(unit: string, runs: readonly (readonly number[])[]): Measurement {
  return { ...fromRuns(unit, runs.map(median)), p99: percentile(ascending(runs.flat()), 0.99) };
}

/** A quantity that has one value, such as a size. */
export function exactly(unit: string, value: number): Measurement {
  return { unit, median: value, min: value, max: value, runs: 1 };
}
