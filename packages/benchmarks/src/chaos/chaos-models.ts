/** The models of the chaos suite, and what may go wrong with each of them. */
import { join } from 'node:path';
import type { ModelServerOptions } from '@serving/core';
import type { EngineName } from '@serving/engine';
import { savedModelPlatform } from '@serving/savedmodel';

/**
 * What a model goes through. `swapped`: its version changes, and nothing else may be noticed. `calm`: nothing happens to it. `struck`: its
 * process is killed and its storage fails. `worn`: its process ends more often than it may. `hungry`: its requests need more memory than it
 * may hold.
 */
export type ChaosLane = 'swapped' | 'calm' | 'struck' | 'worn' | 'hungry';

export interface ChaosModel {
  readonly name: string;
  readonly engine: EngineName;
  readonly isolation: 'process' | 'none';
  readonly lane: ChaosLane;
  readonly isBatched: boolean;
}

/** Resident bytes that the process of the hungry model may hold: twice what ONNX Runtime and Node take. */
const MEMORY_LIMIT_BYTES = 320 * 2 ** 20;
const POLL_INTERVAL_MS = 100;
/** Room for every request that may wait for a process, so that no queue is ever full. */
const MAX_BATCH_SIZE = 8192;
const MAX_ENQUEUED_BATCHES = 1000;

export const chaosModels: readonly ChaosModel[] = [
  { name: 'host_onnx', engine: 'onnx', isolation: 'none', lane: 'swapped', isBatched: true },
  { name: 'host_tensorflow', engine: 'tensorflow', isolation: 'none', lane: 'swapped', isBatched: false },
  { name: 'calm', engine: 'onnx', isolation: 'process', lane: 'calm', isBatched: false },
  { name: 'struck_onnx', engine: 'onnx', isolation: 'process', lane: 'struck', isBatched: true },
  { name: 'struck_tensorflow', engine: 'tensorflow', isolation: 'process', lane: 'struck', isBatched: false },
  { name: 'worn', engine: 'onnx', isolation: 'process', lane: 'worn', isBatched: false },
  { name: 'hungry', engine: 'onnx', isolation: 'process', lane: 'hungry', isBatched: false },
];

/** What a server of these models is started with, whose base paths are folders of `root`. */
export function chaosServerOptions(root: string): ModelServerOptions {
  return {
    models: chaosModels.map(({ name, engine, isolation, lane, isBatched }) => ({
      name,
      basePath: join(root, name),
      platform: engine,
      options: {
        isolation,
        ...(lane === 'struck' && { process: { maxDeathsPerMinute: false } }),
        ...(lane === 'hungry' && { process: { maxDeathsPerMinute: false, memoryLimitBytes: MEMORY_LIMIT_BYTES } }),
      },
      ...(isBatched && {
        batching: { maxBatchSize: MAX_BATCH_SIZE, maxEnqueuedBatches: MAX_ENQUEUED_BATCHES, batchTimeoutMs: 1 },
      }),
    })),
    platforms: {
      onnx: savedModelPlatform({ engine: 'onnx' }),
      tensorflow: savedModelPlatform({ engine: 'tensorflow' }),
    },
    startPolicy: 'all',
    pollIntervalMs: POLL_INTERVAL_MS,
    loadRetryIntervalMs: POLL_INTERVAL_MS,
    numLoadThreads: chaosModels.length,
    numUnloadThreads: chaosModels.length,
    // A base path that has lost its versions is a fault of the storage.
    servableVersionsAlwaysPresent: true,
  };
}

/** What version `version` answers to `x`: odd ones are copies of a model that adds two, even ones of another that adds three. */
export function chaosAnswer(version: number, x: number): number {
  return x / 2 + addend(version);
}

/** Whether any version answers so. */
export function isChaosAnswer(y: number, x: number): boolean {
  return y === chaosAnswer(1, x) || y === chaosAnswer(2, x);
}

function addend(version: number): number {
  return version % 2 === 1 ? 2 : 3;
}
