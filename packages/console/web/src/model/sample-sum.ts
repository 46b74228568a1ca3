/** Samples added up over the time shown. */
import type { CloseReason, ModelSample } from '../../../src/api/console-api.js';

export interface SampleSum {
  readonly requests: number;
  readonly errors: number;
  readonly errorsByCode: ReadonlyMap<string, number>;
  readonly batchSizes: ReadonlyMap<string, number>;
  readonly closeReasons: ReadonlyMap<string, number>;
  readonly inlineRuns: number;
  readonly threadedRuns: number;
}

export function sumOf(samples: readonly ModelSample[]): SampleSum {
  const total = (of: (sample: ModelSample) => number): number => samples.reduce((sum, sample) => sum + of(sample), 0);
  return {
    requests: total(({ requests }) => requests),
    errors: total(({ errors }) => errors),
    errorsByCode: added(samples.map(({ errorsByCode }) => errorsByCode)),
    batchSizes: added(samples.map(({ batchSizes }) => batchSizes)),
    closeReasons: added(samples.map(({ closeReasons }) => closeReasons)),
    inlineRuns: total(({ inlineRuns }) => inlineRuns),
    threadedRuns: total(({ threadedRuns }) => threadedRuns),
  };
}

/** What each reason to run a batch means to a person. */
export const CLOSE_REASONS: Readonly<Record<CloseReason, string>> = {
  full: 'full',
  no_room: 'next one did not fit',
  slot_free: 'a slot was free',
  timeout: 'waited long enough',
  closing: 'version unloaded',
  part: 'part of a batch',
};

function added(counts: readonly Readonly<Record<string, number>>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) {
    for (const [name, value] of Object.entries(count)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

export interface SizeBucket {
  readonly label: string;
  readonly count: number;
}

/** Sizes one by one where they are few, else in at most twelve ranges. */
export function sizeBuckets(sizes: ReadonlyMap<string, number>): readonly SizeBucket[] {
  const sorted = Array.from(sizes, ([size, count]) => ({ size: Number(size), count })).sort((a, b) => a.size - b.size);
  if (sorted.length <= 12) return sorted.map(({ size, count }) => ({ label: String(size), count }));
  const most = sorted.at(-1)?.size ?? 1;
  const width = Math.ceil(most / 12);
  const buckets = new Map<number, number>();
  for (const { size, count } of sorted) {
    const bucket = Math.floor((size - 1) / width);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  }
  return Array.from(buckets, ([bucket, count]) => ({ label: `${bucket * width + 1}–${(bucket + 1) * width}`, count }));
}
