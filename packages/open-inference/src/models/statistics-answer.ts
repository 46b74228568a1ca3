/** Statistics of one version as they are answered, and how those of several threads add up. */
import type { StatisticDuration } from './version-statistics.js';

/** Statistics of one version, as the protocol's JSON has them. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  readonly last_inference: number;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: {
    readonly success: StatisticDuration;
    readonly fail: StatisticDuration;
    readonly queue: StatisticDuration;
    readonly compute_input: StatisticDuration;
    readonly compute_infer: StatisticDuration;
    readonly compute_output: StatisticDuration;
    readonly cache_hit: StatisticDuration;
    readonly cache_miss: StatisticDuration;
  };
  readonly response_stats: Readonly<Record<string, never>>;
  readonly batch_stats: readonly BatchStatistics[];
  readonly memory_usage: readonly never[];
}

/** Runs of one batch size. */
export interface BatchStatistics {
  readonly batch_size: number;
  readonly compute_input: StatisticDuration;
  readonly compute_infer: StatisticDuration;
  readonly compute_output: StatisticDuration;
}

/** What both counted of the same version. */
export function addStatistics(one: ModelStatistics, other: ModelStatistics): ModelStatistics {
  const stats = one.inference_stats;
  const others = other.inference_stats;
  return {
    ...one,
    last_inference: Math.max(one.last_inference, other.last_inference),
    inference_count: one.inference_count + other.inference_count,
    execution_count: one.execution_count + other.execution_count,
    inference_stats: {
      success: add(stats.success, others.success),
      fail: add(stats.fail, others.fail),
      queue: add(stats.queue, others.queue),
      compute_input: add(stats.compute_input, others.compute_input),
      compute_infer: add(stats.compute_infer, others.compute_infer),
      compute_output: add(stats.compute_output, others.compute_output),
      cache_hit: add(stats.cache_hit, others.cache_hit),
      cache_miss: add(stats.cache_miss, others.cache_miss),
    },
    batch_stats: addBatches(one.batch_stats, other.batch_stats),
  };
}

function addBatches(one: readonly BatchStatistics[], other: readonly BatchStatistics[]): BatchStatistics[] {
  const bySize = new Map<number, BatchStatistics>();
  for (const batch of [...one, ...other]) {
    const known = bySize.get(batch.batch_size);
    bySize.set(batch.batch_size, known === undefined ? batch : addBatch(known, batch));
  }
  return [...bySize.values()].sort((a, b) => a.batch_size - b.batch_size);
}

function addBatch(one: BatchStatistics, other: BatchStatistics): BatchStatistics {
  return {
    batch_size: one.batch_size,
    compute_input: add(one.compute_input, other.compute_input),
    compute_infer: add(one.compute_infer, other.compute_infer),
    compute_output: add(one.compute_output, other.compute_output),
  };
}

function add(one: StatisticDuration, other: StatisticDuration): StatisticDuration {
  return { count: one.count + other.count, ns: one.ns + other.ns };
}
