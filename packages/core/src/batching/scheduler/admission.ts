/** Whether a queue has room for a task, and how a large task is cut: rules alone. */
import { ServingError } from '../../serving-error.js';

/** A queue's limits, as far as admission needs them. */
export interface AdmissionLimits {
  /** The largest task. */
  readonly maxTaskSize: number;
  readonly maxExecutionBatchSize: number;
  readonly maxEnqueuedBatches: number;
  /** Whether a task that doesn't fit the open batch is cut. */
  readonly splitsLargeTasks: boolean;
}

/** What waits when a task arrives. */
export interface QueueFill {
  /** Batches that wait and have tasks, the open one included. */
  readonly batches: number;
  /** Size of the open batch that the task may join; `undefined` when there is none. */
  readonly openSize: number | undefined;
}

/**
 * Why a task can't be taken now, or ever; `undefined` when it can. A queue never holds more than `maxEnqueuedBatches`, but
 * for one task that is cut and would fit no queue: it is taken while the queue has room. Batches that run don't count.
 */
export function refusal(size: number, limits: AdmissionLimits, fill: QueueFill): ServingError | undefined {
  const { maxTaskSize, maxExecutionBatchSize, maxEnqueuedBatches, splitsLargeTasks } = limits;
  if (size > maxTaskSize) {
    const text = `Task size ${size} is larger than maximum input batch size ${maxTaskSize}`;
    return new ServingError('INVALID_ARGUMENT', text);
  }
  const { openSize = 0 } = fill;
  const isNew = fill.openSize === undefined;
  const enqueued = fill.batches + (isNew ? 1 : 0);
  const full = 'The batch scheduling queue to which this task was submitted is full; ';
  if (splitsLargeTasks) {
    const capacity = schedulingCapacity(limits, fill);
    const fitsNoQueue = size > maxEnqueuedBatches * maxExecutionBatchSize;
    if (fitsNoQueue ? fill.batches < maxEnqueuedBatches : size <= capacity && enqueued <= maxEnqueuedBatches) {
      return undefined;
    }
    return new ServingError(
      'UNAVAILABLE',
      `${full}task size is ${size} but scheduling capacity is only ${capacity} (num_enqueued_batches=${enqueued}, ` +
        `max_enqueued_batches=${maxEnqueuedBatches}, open_batch_size=${openSize}, max_execution_batch_size=${maxExecutionBatchSize})`,
    );
  }
  const needsBatch = isNew || openSize + size > maxExecutionBatchSize;
  if (!needsBatch || fill.batches < maxEnqueuedBatches) return undefined;
  return new ServingError(
    'UNAVAILABLE',
    `${full}currently ${fill.batches} batches enqueued and max_enqueued_batches is ${maxEnqueuedBatches}`,
  );
}

/** The rows that a queue can take now, where large tasks are cut. */
export function schedulingCapacity(limits: AdmissionLimits, { batches, openSize }: QueueFill): number {
  const { maxEnqueuedBatches, maxExecutionBatchSize } = limits;
  const newBatches = maxEnqueuedBatches - batches;
  return (
    Math.max(newBatches, 0) * maxExecutionBatchSize + (openSize === undefined ? 0 : maxExecutionBatchSize - openSize)
  );
}

/**
 * Sizes of the pieces of a task: one that fills the open batch (omitted when it is full), full batches,
 * and the rest.
 */
export function pieceSizes(size: number, openRoom: number, maxExecutionBatchSize: number): number[] {
  const sizes: number[] = [];
  let rest = size;
  if (openRoom > 0) {
    sizes.push(Math.min(rest, openRoom));
    rest -= sizes[0]!;
  }
  while (rest > 0) {
    sizes.push(Math.min(rest, maxExecutionBatchSize));
    rest -= Math.min(rest, maxExecutionBatchSize);
  }
  return sizes;
}
