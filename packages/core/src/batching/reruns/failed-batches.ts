/** Runs failed batches again in parts, so that only the requests fail that fail alone. */
import { ServingError } from '../../serving-error.js';
import type { ErrorCode } from '../../status-code.js';
import type { BatchingSessionTask } from '../batching-session-task.js';
import type { Batch, BatchPart } from '../scheduler/batch-scheduler.js';
import { PortionSize } from './portion-size.js';
import { RerunBudget } from './rerun-budget.js';
import { type SuspectGroup, SuspectGroups } from './suspect-groups.js';

/** Codes of the server's state, or of a caller's rights and limits: other values in the batch would not have helped. */
const CODES_NOT_OF_VALUES: ReadonlySet<ErrorCode> = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'UNAVAILABLE',
  'UNAUTHENTICATED',
]);

/** Whether a run with this code may have failed for the values of some of its requests only. */
function mayBeOfValues(code: ErrorCode): boolean {
  return !CODES_NOT_OF_VALUES.has(code);
}

/** What the batches of one signature have in common. */
export interface FailedBatchesOptions {
  /** ` (model m version 1, signature "s")`, for error texts. */
  readonly place: string;
  /** Whether a run changes what later runs see, so that no request may run twice. */
  readonly isStateful: boolean;
  /** Called with each task that fails because its batch does not run again. */
  readonly onNotRunAgain: (task: BatchingSessionTask) => void;
}

/** What is left of a batch that failed, or that runs in portions. */
export type DividedBatch = SuspectGroups<BatchingSessionTask>;

class PartialBatch implements BatchPart<BatchingSessionTask> {
  readonly tasks: readonly BatchingSessionTask[];
  readonly size: number;
  readonly isRerun: boolean;
  readonly isLastTry: boolean;
  readonly whole: DividedBatch;
  readonly #budget: RerunBudget;

  constructor(group: SuspectGroup<BatchingSessionTask>, whole: DividedBatch, budget: RerunBudget) {
    this.tasks = group.tasks;
    this.size = group.size;
    this.isRerun = group.isRerun;
    this.isLastTry = group.isLastTry;
    this.whole = whole;
    this.#budget = budget;
  }

  get goesFirst(): boolean {
    return !this.isRerun || this.#budget.allowsRun;
  }

  get waitingSize(): number {
    return this.size + this.whole.waitingSize;
  }
}

/**
 * A failed batch runs again in halves, and these in halves, until each task has succeeded or failed alone. One part runs at a
 * time. A caller gets the message of a run only when no other caller's values were in that run, or the code rules values out.
 * While many batches fail, they run in portions from the beginning. When parts have cost more than the {@link RerunBudget}
 * allows, they wait until batches that have not run yet leave them a thread.
 *
 * A batch does not run again when the code of its error rules out values, or when the signature is stateful. A run that ended the
 * process of its model is not searched in halves, which would end a process for each: every task runs once more, alone.
 *
 * Cost: let a run of one row cost as much as `1 + c` rows of a full batch. A run has one of two outcomes, and each bad request runs alone.
 * So with a share `p` of bad requests no order of runs needs fewer than `max(p, -p log2 p - (1 - p) log2 (1 - p))` runs a request. Below `c = 1`
 * the cost stays within twice that of good requests, whatever `p` is. Above, no order of runs keeps to that from some `p` on: one in eight at
 * `c = 3` costs 2.4 times at least. The order chosen here costs at most half more than that bound.
 */
export class FailedBatches {
  readonly #options: FailedBatchesOptions;
  readonly #budget = new RerunBudget();
  readonly #portion = new PortionSize();

  constructor(options: FailedBatchesOptions) {
    this.#options = options;
  }

  /** Whether the tasks of this batch have run before, with others. */
  isRerun(batch: Batch<BatchingSessionTask>): boolean {
    return batch instanceof PartialBatch && batch.isRerun;
  }

  /** Whether it is one task that ran when a process ended, and does not run again. */
  isLastTry(batch: Batch<BatchingSessionTask>): boolean {
    return batch instanceof PartialBatch && batch.isLastTry;
  }

  /** Returns the batch that this one is a part of; `undefined` for a whole one. */
  wholeOf(batch: Batch<BatchingSessionTask>): DividedBatch | undefined {
    return batch instanceof PartialBatch ? batch.whole : undefined;
  }

  /** Records that tasks are about to run. Returns the batch that they are to be parts of, to run in portions instead. */
  begin(
    batch: Batch<BatchingSessionTask>,
    tasks: readonly BatchingSessionTask[],
    rows: number,
  ): DividedBatch | undefined {
    const size = this.#portion.value;
    if (tasks.length > size && this.wholeOf(batch) === undefined) {
      const whole = newDividedBatch();
      whole.addPortions(tasks, size);
      return whole;
    }
    if (this.isRerun(batch)) this.#budget.pay(rows);
    else this.#budget.earn(rows);
    return undefined;
  }

  /** Records the success of a batch. */
  onSucceeded(batch: Batch<BatchingSessionTask>, tasks: readonly BatchingSessionTask[]): void {
    this.#portion.onGood(tasks.length);
    this.wholeOf(batch)?.onSucceeded();
  }

  /** Records a failure, fails the tasks that are not to run again, and returns what the others are parts of. */
  onFailed(
    batch: Batch<BatchingSessionTask>,
    tasks: readonly BatchingSessionTask[],
    error: ServingError,
  ): DividedBatch | undefined {
    const whole = this.wholeOf(batch);
    if (error.endedProcess && !this.#options.isStateful) return this.#onProcessEnded(batch, tasks, error);
    const isOfValues = mayBeOfValues(error.code);
    if (isOfValues && tasks.length === 1 && !this.#options.isStateful) this.#portion.onBad();
    if (tasks.length === 1 || !isOfValues) {
      for (let i = 0; i < tasks.length; i++) tasks[i]!.fail(error);
      return whole;
    }
    if (this.#options.isStateful) {
      this.#failTogether(tasks, error);
      return whole;
    }
    const divided = whole ?? newDividedBatch();
    divided.split(tasks);
    return divided;
  }

  /** Returns the part that is to run next. */
  next(whole: DividedBatch): BatchPart<BatchingSessionTask> | undefined {
    const group = whole.next();
    return group && new PartialBatch(group, whole, this.#budget);
  }

  /** The process may have ended for any of the tasks, or for a run beside theirs. */
  #onProcessEnded(
    batch: Batch<BatchingSessionTask>,
    tasks: readonly BatchingSessionTask[],
    error: ServingError,
  ): DividedBatch | undefined {
    const whole = this.wholeOf(batch);
    if (this.isLastTry(batch)) {
      this.#portion.onBad();
      for (const task of tasks) task.fail(error);
      return whole;
    }
    const divided = whole ?? newDividedBatch();
    divided.addLastTries(tasks);
    return divided;
  }

  #failTogether(tasks: readonly BatchingSessionTask[], cause: ServingError): void {
    const { code } = cause;
    const error = new ServingError(
      code,
      `The batch with this request failed with ${code}. Its signature keeps state, so it does not run again in parts; ` +
        `the message is omitted, as it may quote other requests${this.#options.place}`,
      { cause },
    );
    for (const task of tasks) {
      if (task.isSettled) continue;
      task.fail(error);
      this.#options.onNotRunAgain(task);
    }
  }
}

function newDividedBatch(): DividedBatch {
  return new SuspectGroups<BatchingSessionTask>(isWaitedFor);
}

function isWaitedFor({ isSettled }: BatchingSessionTask): boolean {
  return !isSettled;
}
