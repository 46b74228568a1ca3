/** What `serving tune` varies. */
import type { RunMode } from '@serving/engine';

/** An engine that the command tries. */
export type TunedEngine = 'tensorflow' | 'onnx';

/** How a model is served. What is absent has the command's default. */
export interface TuneSettings {
  readonly engine?: TunedEngine;
  /** Threads within one kernel. */
  readonly intraOpThreads?: number;
  /** Threads that serve each API. */
  readonly servingThreads?: number;
  readonly runMode?: Exclude<RunMode, 'auto'>;
  /** Rows of a batch. Absent: no batching. */
  readonly maxBatchSize?: number;
  /** Batches that may wait, where the default would refuse the requests of the load. */
  readonly maxEnqueuedBatches?: number;
  readonly weights?: 'mapped';
}

/** Such as `onnx, 2 intra-op threads, batches of 32`; `default` where nothing is set. Equal settings have equal texts. */
export function settingsText(settings: TuneSettings): string {
  const { engine, intraOpThreads, servingThreads, runMode, maxBatchSize, weights } = settings;
  const parts = [
    engine,
    intraOpThreads && counted(intraOpThreads, 'intra-op thread'),
    maxBatchSize && `batches of ${maxBatchSize}`,
    servingThreads && counted(servingThreads, 'serving thread'),
    runMode && { inline: 'inline runs', thread: 'runs on threads' }[runMode],
    weights && `${weights} weights`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'default' : parts.join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
