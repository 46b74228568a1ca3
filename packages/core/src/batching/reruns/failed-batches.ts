/** Runs failed batches again in parts, so that only the requests fail that fail alone. */
import { ServingError } from '../../serving-error.js';
import type { ErrorCode } from '../../status-code.js';
import type { BatchingSessionTask } from '../batching-session-task.js';
import type { Batch } from '../scheduler/batch-scheduler.js';
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
  /** Called with each task that fails because its part did not run again. */
  readonly onNotRunAgain: (task: BatchingSessionTask) => void;
}

/** A part of a batch that failed, or that runs in portions. */
class PartialBatch implements Batch<BatchingSessionTask> {
  readonly tasks: readonly BatchingSessionTask[];
  readonly size: number;
  readonly whole: DividedBatch;
  readonly isRerun: boolean;

  constructor({ tasks, isRerun }: SuspectGroup<BatchingSessionTask>, whole: DividedBatch) {
    this.tasks = tasks;
    this.size = countRows(tasks);
    this.whole = whole;
    this.isRerun = isRerun;
  }
}

/** The parts of a batch that have not run yet. */
export interface DividedBatch {
  readonly groups: SuspectGroups<BatchingSessionTask>;
  /** Of the latest run that failed. */
  error: ServingError | undefined;
}

/**
 * A failed batch runs again in halves, and these in halves, until each task has succeeded or failed alone. One part runs at a
 * time. A caller gets the message of a run only when no other caller's values were in that run, or the code rules values out.
 * While many batches fail, they run in portions from the beginning.
 *
 * A batch does not run again when the code of its error rules out values, when the signature is stateful, or while the
 * {@link RerunBudget} is used up.
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

  /** Returns the batch that this one is a part of; `undefined` for a whole one. */
  wholeOf(batch: Batch<BatchingSessionTask>): DividedBatch | undefined {
    return batch instanceof PartialBatch ? batch.whole : undefined;
  }

  /** Records that tasks are about to run for the first time. Returns the batch that they are to be parts of, to run in portions. */
  begin(tasks: readonly BatchingSessionTask[], rows: number): DividedBatch | undefined {
    this.#budget.earnRun(rows);
    const size = this.#portion.value;
    if (tasks.length <= size || !this.#budget.allowsRun) return undefined;
    const whole = newDividedBatch();
    whole.groups.addPortions(tasks, size);
    this.#budget.payForPortions(Math.ceil(tasks.length / size));
    return whole;
  }

  /** Records the success of a batch. */
  onSucceeded(batch: Batch<BatchingSessionTask>, tasks: readonly BatchingSessionTask[]): void {
    if (!this.isRerun(batch)) {
      this.#budget.earnRows(countRows(tasks), true);
      this.#portion.onSucceeded(tasks.length);
    }
    this.wholeOf(batch)?.groups.onSucceeded();
  }

  /** Records a failure, fails the tasks that are not to run again, and returns what the others are parts of. */
  onFailed(
    batch: Batch<BatchingSessionTask>,
    tasks: readonly BatchingSessionTask[],
    error: ServingError,
  ): DividedBatch | undefined {
    const whole = this.wholeOf(batch);
    const isRerun = this.isRerun(batch);
    if (!isRerun) this.#budget.earnRows(countRows(tasks), false);
    if (tasks.length === 1 || !mayBeOfValues(error.code)) {
      for (let i = 0; i < tasks.length; i++) tasks[i]!.fail(error);
      return whole;
    }
    if (this.#options.isStateful) {
      this.#failTogether(tasks, this.#statefulError(error));
      return whole;
    }
    if (!isRerun) this.#portion.onFailed(tasks.length);
    const divided = whole ?? newDividedBatch();
    divided.error = error;
    divided.groups.split(tasks);
    return divided;
  }

  /** Returns the part that is to run next. Fails those that would run again while the budget is used up. */
  next(whole: DividedBatch): Batch<BatchingSessionTask> | undefined {
    for (let group = whole.groups.next(); group; group = whole.groups.next()) {
      if (!group.isRerun) return new PartialBatch(group, whole);
      if (this.#budget.allowsRun) {
        const part = new PartialBatch(group, whole);
        this.#budget.payForRerun(part.size);
        return part;
      }
      this.#failTogether(group.tasks, this.#limitError(whole.error));
    }
    return undefined;
  }

  #failTogether(tasks: readonly BatchingSessionTask[], error: ServingError): void {
    for (const task of tasks) {
      if (task.isSettled) continue;
      task.fail(error);
      this.#options.onNotRunAgain(task);
    }
  }

  #statefulError(cause: ServingError): ServingError {
    const { code } = cause;
    return new ServingError(
      code,
      `The batch with this request failed with ${code}. Its signature keeps state, so it does not run again in parts; ` +
        `the message is omitted, as it may quote other requests${this.#options.place}`,
      { cause },
    );
  }

  #limitError(cause: ServingError | undefined): ServingError {
    return new ServingError(
      'UNAVAILABLE',
      `The batch with this request failed with ${cause?.code}, possibly for another request. Too many batches fail to run ` +
        `each of them again in parts: try again later${this.#options.place}`,
      { cause },
    );
  }
}

function newDividedBatch(): DividedBatch {
  return { groups: new SuspectGroups<BatchingSessionTask>(isWaitedFor), error: undefined };
}

function isWaitedFor({ isSettled }: BatchingSessionTask): boolean {
  return !isSettled;
}

function countRows(tasks: readonly BatchingSessionTask[]): number {
  let rows = 0;
  for (let i = 0; i < tasks.length; i++) rows += tasks[i]!.size;
  return rows;
}
