/** Runs failed batches again in parts, so that only the requests fail that fail alone. */
import { ServingError } from '../serving-error.js';
import type { ErrorCode } from '../status-code.js';
import type { Batch } from './batch.js';
import type { BatchingSessionTask } from './batching-session-task.js';
import { RerunBudget } from './rerun-budget.js';
import { SuspectGroups } from './suspect-groups.js';

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
export function mayBeOfValues(code: ErrorCode): boolean {
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

/** A part of a failed batch. */
class SuspectBatch implements Batch<BatchingSessionTask> {
  readonly tasks: readonly BatchingSessionTask[];
  readonly size: number;
  readonly failed: FailedBatch;

  constructor(tasks: readonly BatchingSessionTask[], failed: FailedBatch) {
    this.tasks = tasks;
    this.size = tasks.reduce((sum, { size }) => sum + size, 0);
    this.failed = failed;
  }
}

/** The parts of a failed batch that have not run yet. */
export interface FailedBatch {
  readonly groups: SuspectGroups<BatchingSessionTask>;
  /** Of the latest run that failed. */
  error: ServingError;
}

/**
 * A failed batch runs again in halves, and these in halves, until each task has succeeded or failed alone. One part runs at a
 * time. A caller gets the message of a run only when no other caller's values were in that run, or the code rules values out.
 *
 * A batch does not run again when the code of its error rules out values, when the signature is stateful, or while the
 * {@link RerunBudget} is used up.
 */
export class FailedBatches {
  readonly #options: FailedBatchesOptions;
  readonly #budget = new RerunBudget();

  constructor(options: FailedBatchesOptions) {
    this.#options = options;
  }

  /** Returns the failed batch that this one is a part of; `undefined` for one that runs for the first time. */
  failedBatchOf(batch: Batch<BatchingSessionTask>): FailedBatch | undefined {
    return batch instanceof SuspectBatch ? batch.failed : undefined;
  }

  /** Records the success of a batch, or of a part of a failed one. */
  onSucceeded(failed: FailedBatch | undefined, ms: number): void {
    this.#record(failed, ms, true);
    failed?.groups.onSucceeded();
  }

  /** Records a failure, fails the tasks that are not to run again, and returns the failed batch with the others. */
  onFailed(
    tasks: readonly BatchingSessionTask[],
    failed: FailedBatch | undefined,
    error: ServingError,
    ms: number,
  ): FailedBatch | undefined {
    this.#record(failed, ms, false);
    if (tasks.length === 1 || !mayBeOfValues(error.code)) {
      for (let i = 0; i < tasks.length; i++) tasks[i]!.fail(error);
      return failed;
    }
    if (this.#options.isStateful) {
      this.#failTogether(tasks, this.#statefulError(error));
      return failed;
    }
    const batch = failed ?? { groups: new SuspectGroups<BatchingSessionTask>(isWaitedFor), error };
    batch.error = error;
    batch.groups.split(tasks);
    return batch;
  }

  /** Returns the part that is to run next. Fails the tasks that are left when the budget is used up. */
  next(failed: FailedBatch): Batch<BatchingSessionTask> | undefined {
    if (!this.#budget.allowsRun) {
      this.#failTogether(failed.groups.takeAll(), this.#limitError(failed.error));
      return undefined;
    }
    const tasks = failed.groups.next();
    return tasks && new SuspectBatch(tasks, failed);
  }

  #record(failed: FailedBatch | undefined, ms: number, succeeded: boolean): void {
    if (failed) this.#budget.recordAgain(ms);
    else this.#budget.recordFirst(ms, succeeded);
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

  #limitError(cause: ServingError): ServingError {
    return new ServingError(
      'UNAVAILABLE',
      `The batch with this request failed with ${cause.code}, possibly for another request. Too many batches fail to run ` +
        `each of them again in parts: try again later${this.#options.place}`,
      { cause },
    );
  }
}

function isWaitedFor({ isSettled }: BatchingSessionTask): boolean {
  return !isSettled;
}
