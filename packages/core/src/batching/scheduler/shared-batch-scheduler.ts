/** A fixed number of batches at a time, for any number of queues in turn (TensorFlow's `shared_batch_scheduler.h`). */
import { type Clock, systemClock } from '../../clock.js';
import { FairSlots, type Permit } from '../../scheduling/fair-slots.js';
import { ServingError } from '../../serving-error.js';
import {
  type BatchingOptions,
  type ModelBatchingOptions,
  type ValidModelBatchingOptions,
  validateModelBatchingOptions,
  validateThreadOptions,
} from '../batching-options.js';
import type { Addition } from './batch-lane.js';
import { READY } from './batch-lane.js';
import { BatchQueue, type QueueOwner } from './batch-queue.js';
import type { Batch, BatchScheduler, BatchTask, ProcessBatch, QueueOptions } from './batch-scheduler.js';

/** What a scheduler gets from its surroundings. */
export interface SchedulerContext {
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** Called when a {@link ProcessBatch} has thrown, against its contract. Must not throw. Default: no-op. */
  readonly onError?: (error: ServingError) => void;
}

/**
 * `numBatchThreads` are runs at a time; what runs, on a thread or not, is the processor's affair. A free one goes to
 * the queues in turn and takes one batch from each that has one ready: a closed or full one, or an open one whose timeout is over.
 * One batch more may run while a queue holds several threads: that of a queue which holds none. And one full batch more may be
 * handed over where it waits for a slot of its engine: see {@link QueueOptions.engineSlots}. Where a thread is free already when a batch without a timeout is opened, it is taken at the end of that turn of the event
 * loop, so that requests that arrive together run together, and a lone one doesn't wait.
 *
 * @example
 * ```ts
 * const scheduler = new SharedBatchScheduler<Row>({ numBatchThreads: 2 });
 * const queue = scheduler.addQueue({ maxBatchSize: 32 }, (batch, release) => {
 *   insertRows(batch.tasks).finally(release);
 * });
 * queue.schedule({ size: 1, ... });
 * await scheduler.close();
 * ```
 */
export class SharedBatchScheduler<T extends BatchTask> {
  readonly clock: Clock;
  readonly numBatchThreads: number;
  /** A name for metrics. */
  readonly threadPoolName: string;
  readonly #options: BatchingOptions;
  readonly #onError: (error: ServingError) => void;
  readonly #owner: QueueOwner<T>;
  readonly #queues = new Set<BatchQueue<T>>();
  readonly #slots: FairSlots<BatchQueue<T>>;
  #isDispatching = false;
  /** `Clock.now()` time of the dispatch, and up to which closing time the next batch may be taken. */
  #now = 0;
  #takenUpTo = 0;
  #isTurnAwaited = false;
  #alarmTime = Number.POSITIVE_INFINITY;
  #cancelAlarm: (() => void) | undefined;
  #isClosed = false;

  /**
   * @param options of its threads, and the defaults of its queues.
   * @throws ServingError `INVALID_ARGUMENT` for wrong options.
   */
  constructor(options: BatchingOptions = {}, { clock = systemClock, onError = () => {} }: SchedulerContext = {}) {
    const { numBatchThreads, threadPoolName } = validateThreadOptions(options);
    this.clock = clock;
    this.numBatchThreads = numBatchThreads;
    this.threadPoolName = threadPoolName;
    this.#slots = new FairSlots(numBatchThreads, { hasSpare: true });
    this.#options = options;
    this.#onError = onError;
    this.#owner = {
      clock,
      onAdded: (queue, addition) => this.#onAdded(queue, addition),
      onChanged: () => this.#onChanged(),
      onDrained: (queue) => this.#queues.delete(queue),
    };
  }

  /**
   * A new queue. `options` go before the scheduler's.
   *
   * @throws ServingError `INVALID_ARGUMENT` for wrong options, `UNAVAILABLE` when the scheduler is closed.
   */
  addQueue(options: QueueOptions<T>, process: ProcessBatch<T>): BatchScheduler<T> {
    if (this.#isClosed) throw new ServingError('UNAVAILABLE', 'The batch scheduler is closed');
    const { canJoin, splitTask, fillsWithPieces, engineSlots, ...limits } = options;
    const valid = this.resolveOptions(limits);
    const hooks = {
      ...(canJoin && { canJoin }),
      ...(splitTask && valid.enableLargeBatchSplitting && { splitTask }),
      ...(fillsWithPieces !== undefined && { fillsWithPieces }),
      engineSlots,
    };
    const queue = new BatchQueue(this.#owner, valid, hooks, process);
    this.#queues.add(queue);
    return queue;
  }

  /** @private What {@link addQueue} makes of a queue's options. */
  resolveOptions(options: ModelBatchingOptions): ValidModelBatchingOptions {
    return validateModelBatchingOptions(options, this.#options);
  }

  /** Closes every queue, see {@link BatchScheduler.close}. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#queues, (queue) => queue.close()));
  }

  #onAdded(queue: BatchQueue<T>, addition: Addition): void {
    this.#slots.add(queue);
    if (addition === 'joined' || this.#isDispatching || this.#slots.permit(queue) === undefined) return;
    if (addition === 'filled') this.#dispatch();
    else this.#setAlarm();
  }

  #onChanged(): void {
    if (!this.#isDispatching) this.#setAlarm();
  }

  /** Starts the batches that may run now, as long as there are slots. */
  #dispatch(): void {
    this.#now = this.clock.now();
    this.#isDispatching = true;
    // After a run on this thread the rest waits for the next turn, so that the event loop turns in between.
    while (this.#runNext() === false);
    this.#isDispatching = false;
    this.#setAlarm();
  }

  /** Whether the run was over at once; `undefined` when there was nothing to run. */
  #runNext(): boolean | undefined {
    const queue = this.#slots.next(this.#isReady);
    return queue && this.#run(queue, queue.take(this.#takenUpTo)!);
  }

  readonly #isReady = (queue: BatchQueue<T>, permit: Permit): boolean => {
    this.#takenUpTo = permit === 'complete' ? READY : this.#now;
    return queue.nextClosingTime() <= this.#takenUpTo;
  };

  #run(queue: BatchQueue<T>, batch: Batch<T>): boolean {
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#slots.release(queue);
      queue.onReleased();
      if (!this.#isDispatching) this.#dispatch();
    };
    try {
      queue.process(batch, release, queue.runAgain);
    } catch (error) {
      release();
      this.#onError(ServingError.from(error, 'INTERNAL'));
    }
    return isReleased;
  }

  /** Sees to it that the next batch is taken in time: at the end of this turn, or by a timer. */
  #setAlarm(): void {
    const next = this.#nextClosingTime();
    if (next === this.#alarmTime) return;
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    this.#alarmTime = Number.POSITIVE_INFINITY;
    if (next === Number.POSITIVE_INFINITY) return;
    const now = this.clock.now();
    if (next <= now) {
      this.#awaitTurn();
      return;
    }
    this.#alarmTime = next;
    this.#cancelAlarm = this.clock.setTimer(this.#onAlarm, Math.ceil(next - now));
  }

  /** Of the batches that may be taken. */
  #nextClosingTime(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const queue of this.#slots.rotation) {
      const permit = this.#slots.permit(queue);
      if (permit === undefined) continue;
      const time = queue.nextClosingTime();
      if (time < next && (permit === 'any' || time === READY)) next = time;
    }
    return next;
  }

  #awaitTurn(): void {
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnAwaited = false;
    this.#dispatch();
  };

  readonly #onAlarm = (): void => {
    this.#alarmTime = Number.POSITIVE_INFINITY;
    this.#cancelAlarm = undefined;
    this.#dispatch();
  };
}
