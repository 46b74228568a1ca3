/** What makes one configuration better than another. */
import { summarizeLatencies } from '../bench/latency-summary.js';
import type { Slice } from './tuner.js';

/** Scores by the name of a goal, of slices with answers; more is better. */
export const tuneGoals: ReadonlyMap<string, (slice: Slice) => number> = new Map([
  ['throughput', ({ latencies, elapsedMs }: Slice) => latencies.length / elapsedMs],
  ['p99', ({ latencies }: Slice) => 1 / summarizeLatencies(latencies).p99],
  // A process that used less than a tick of the clock counts as one that used half of it.
  ['cpu', ({ latencies, cpuSeconds = 1 }: Slice) => latencies.length / Math.max(cpuSeconds, 0.005)],
]);
