/** Run slots that fit libuv's thread pool. */
import { availableParallelism } from 'node:os';
import { ServingError } from '@serving/core';
import type { Clock } from '@serving/core/extend';
import { RunSlots } from './run-slots.js';

const DEFAULT_UV_THREADS = 4;
const MAX_CONCURRENT_RUNS = 3;

/**
 * Slots for runs on libuv's pool, with a spare one where the pool has two threads more.
 *
 * @param maxConcurrentRuns default: the number of cores, 3 at most, and less than the pool has
 * @throws ServingError `INVALID_ARGUMENT` for a number that is not whole or below 1.
 */
export function poolSlots(maxConcurrentRuns: number | undefined, clock: Clock): RunSlots {
  const limit = maxConcurrentRuns ?? defaultConcurrentRuns();
  if (!Number.isInteger(limit) || limit < 1) {
    throw new ServingError('INVALID_ARGUMENT', `maxConcurrentRuns must be a whole number from 1, not ${limit}`);
  }
  return new RunSlots(limit, limit + 1 < poolThreads(), clock);
}

/** How many runs engines make at a time by default. */
export function defaultConcurrentRuns(): number {
  return Math.max(1, Math.min(availableParallelism(), MAX_CONCURRENT_RUNS, poolThreads() - 1));
}

function poolThreads(): number {
  const configured = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10);
  return configured > 0 ? configured : DEFAULT_UV_THREADS;
}
