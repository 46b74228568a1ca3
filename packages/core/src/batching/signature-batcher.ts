/** The requests to one signature of one version: checked, queued, run in batches. */
import type { DeadlineTimer } from '../deadline-timer.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { Batch } from './batch.js';
import { nextAllowedBatchSize } from './batch-queue.js';
import type { BatchScheduler } from './batch-scheduler.js';
import { areMergeable, checkOutputs, countRows, deliverOutputs, mergeInputs } from './batch-tensors.js';
import { traceBatch } from './batch-trace.js';
import { type BatchingObserver, type BatchingSource, notify, type RejectionReason } from './batching-observer.js';
import type { ModelBatchingOptions, ValidModelBatchingOptions } from './batching-options.js';
import {
  type BatchingRunOptions,
  type BatchingSessionTask,
  type RequestOwner,
  RequestTask,
} from './batching-session-task.js';
import { LoneRunGate } from './lone-run-gate.js';
import { MergeBuffers } from './merge-buffers.js';
import type { SharedBatchScheduler } from './shared-batch-scheduler.js';
import type { AllocateArray } from './tensor-rows.js';

/** What the batchers of a session share. */
export interface BatcherContext {
  readonly id: ServableId;
  readonly servable: InferenceServable;
  readonly scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly options: ModelBatchingOptions;
  readonly deadlines: DeadlineTimer;
  readonly observer: BatchingObserver;
}

export class SignatureBatcher implements RequestOwner {
  readonly place: string;
  readonly #context: BatcherContext;
  readonly #signature: Signature;
  readonly #source: BatchingSource;
  readonly #inputNames: readonly string[];
  readonly #limits: ValidModelBatchingOptions;
  readonly #queue: BatchScheduler<BatchingSessionTask>;
  #gate: LoneRunGate | undefined;
  readonly #measuresQueues: boolean;
  readonly #buffers: MergeBuffers | undefined;
  readonly #allocate: AllocateArray | undefined;

  /** @throws ServingError as {@link SharedBatchScheduler.addQueue} */
  constructor(context: BatcherContext, signature: Signature) {
    const { id, scheduler, options, observer } = context;
    this.#context = context;
    this.#signature = signature;
    this.place = ` (model ${id.name} version ${id.version}, signature "${signature.name}")`;
    this.#source = { servable: id, signature: signature.name, threadPoolName: scheduler.threadPoolName };
    this.#inputNames = [...signature.inputs.keys()];
    this.#measuresQueues = observer.onDequeued !== undefined;
    this.#limits = scheduler.resolveOptions(options);
    // Who sets a timeout wants requests to wait for each other, cheap ones too.
    const canRunNow = context.servable.runNow !== undefined && this.#limits.batchTimeoutMs === 0;
    this.#gate = canRunNow ? new LoneRunGate() : undefined;
    const buffers = context.servable.copiesInputs ? new MergeBuffers() : undefined;
    this.#buffers = buffers;
    this.#allocate = buffers && ((dtype, length) => buffers.allocate(dtype, length));
    const names = this.#inputNames;
    const padVariableLength = this.#limits.padVariableLengthInputs;
    this.#queue = scheduler.addQueue(
      {
        ...options,
        canJoin: (first, task) => areMergeable(names, padVariableLength, first, task),
        fillsWithPieces: !padVariableLength,
        maxConcurrentRuns: context.servable.maxConcurrentRuns,
        splitTask: (task, sizes) => (task as RequestTask).split(sizes),
      },
      (batch, release) => this.#process(batch, release),
    );
  }

  run(inputs: NamedTensors, options: BatchingRunOptions | undefined): Promise<NamedTensors> {
    let size: number;
    try {
      size = countRows(this.#inputNames, inputs, this.place);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#tellRequest(size);
    if (options?.trace) options.trace.queued();
    const enqueuedAt =
      this.#measuresQueues || options?.deadline !== undefined ? this.#context.scheduler.clock.now() : 0;
    return new Promise((resolve, reject) => {
      this.#submit(new RequestTask(this, size, inputs, options, enqueuedAt, resolve, reject));
    });
  }

  /** See {@link InferenceServable.runNow}: for a request that would wait for no other and can be run within the call. */
  runNow(inputs: NamedTensors, outputs: readonly string[] | undefined): NamedTensors | undefined {
    const gate = this.#gate;
    if (gate === undefined || !gate.mayRunAlone() || !this.#queue.isIdle) return undefined;
    const rows = countRows(this.#inputNames, inputs, this.place);
    if (rows > this.#limits.maxExecutionBatchSize || this.#padding(rows) > 0) return undefined;
    const { servable, scheduler } = this.#context;
    const startedAt = scheduler.clock.now();
    const results = servable.runNow?.(this.#signature, inputs, outputs);
    if (results === undefined) return undefined;
    gate.recordAlone((scheduler.clock.now() - startedAt) * 1000);
    this.#tellLoneRun(rows);
    checkOutputs(results, rows, this.place);
    return results;
  }

  /** See {@link BatchScheduler.close}. */
  close(): Promise<void> {
    this.#gate = undefined;
    return this.#queue.close();
  }

  watchDeadline(task: RequestTask): void {
    this.#context.deadlines.add(task);
  }

  unwatchDeadline(task: RequestTask): void {
    this.#context.deadlines.remove(task);
  }

  withdraw(task: BatchingSessionTask): void {
    this.#queue.remove(task);
  }

  onGivenUp(size: number, reason: RejectionReason): void {
    notify(this.#context.observer, 'onRejected', { source: this.#source, size, reason });
  }

  #submit(task: RequestTask): void {
    if (task.signal?.aborted) task.handleEvent();
    else if (task.deadline <= task.enqueuedAt) task.expire();
    if (task.isSettled) return;
    try {
      this.#queue.schedule(task);
    } catch (reason) {
      const error = ServingError.from(reason);
      this.onGivenUp(task.size, error.code === 'INVALID_ARGUMENT' ? 'too_large' : 'queue_full');
      task.fail(new ServingError(error.code, error.message + this.place, { cause: error }));
      return;
    }
    task.watch();
  }

  #padding(rows: number): number {
    if (rows === 0) return 0;
    return (nextAllowedBatchSize(rows, this.#limits.allowedBatchSizes) ?? rows) - rows;
  }

  #process(batch: Batch<BatchingSessionTask>, release: () => void): void {
    const { servable, scheduler } = this.#context;
    const tasks = this.#start(batch.tasks);
    if (tasks.length === 0) {
      release();
      return;
    }
    let size = 0;
    for (let i = 0; i < tasks.length; i++) size += tasks[i]!.size;
    const padding = this.#padding(size);
    if (this.#measuresQueues) this.#tellQueueTimes(tasks, scheduler.clock.now());
    this.#tellBatch(tasks.length, size, padding);
    const trace = traceBatch(tasks, this.#source, size, padding, scheduler.clock);
    const fail = (error: unknown): void => {
      if (trace !== undefined) trace.finish(error);
      // Before the thread goes on, so that it takes no other piece of a request that has failed.
      failAll(tasks, error);
      release();
    };
    let inputs: NamedTensors;
    const deliver = (outputs: NamedTensors): void => {
      try {
        checkOutputs(outputs, size + padding, this.place);
        if (trace !== undefined) trace.finish();
        if (inputs !== tasks[0]!.inputs) this.#buffers?.reclaim(inputs, outputs);
        // The next batch goes to the free thread before this one's results are split.
        release();
        deliverOutputs(outputs, tasks, padding);
      } catch (error) {
        fail(error);
      }
    };
    try {
      inputs = mergeInputs(this.#inputNames, tasks, padding, this.#limits.padVariableLengthInputs, this.#allocate);
      const outputs = this.#runBatchNow(inputs, tasks[0]!.outputs);
      if (outputs !== undefined) deliver(outputs);
      else servable.run(this.#signature, inputs, runOptions(tasks)).then(deliver, fail);
    } catch (error) {
      fail(error);
    }
  }

  #runBatchNow(inputs: NamedTensors, outputs: readonly string[] | undefined): NamedTensors | undefined {
    const { servable, scheduler } = this.#context;
    if (!servable.runNow) return undefined;
    const startedAt = scheduler.clock.now();
    const results = servable.runNow(this.#signature, inputs, outputs);
    if (results !== undefined) this.#gate?.recordBatch((scheduler.clock.now() - startedAt) * 1000);
    return results;
  }

  /** Marks tasks as running, and leaves out those whose callers wait no longer. */
  #start(tasks: readonly BatchingSessionTask[]): readonly BatchingSessionTask[] {
    let allLive = true;
    let now = 0;
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!;
      if (task.deadline !== Number.POSITIVE_INFINITY) {
        now ||= this.#context.scheduler.clock.now();
        if (task.deadline <= now) task.expire();
      }
      if (task.isSettled) allLive = false;
    }
    const live = allLive ? tasks : tasks.filter(({ isSettled }) => !isSettled);
    for (let i = 0; i < live.length; i++) live[i]!.start();
    return live;
  }

  #tellLoneRun(size: number): void {
    this.#tellRequest(size);
    if (this.#measuresQueues) this.#tellDequeued(size, 0);
    this.#tellBatch(1, size, 0);
  }

  #tellRequest(size: number): void {
    const { observer } = this.#context;
    if (!observer.onRequest) return;
    notify(observer, 'onRequest', { source: this.#source, size, inputs: this.#inputNames.length });
  }

  #tellQueueTimes(tasks: readonly BatchingSessionTask[], now: number): void {
    for (const { size, enqueuedAt } of tasks) this.#tellDequeued(size, (now - enqueuedAt) * 1000);
  }

  #tellDequeued(size: number, queueMicros: number): void {
    notify(this.#context.observer, 'onDequeued', { source: this.#source, size, queueMicros });
  }

  #tellBatch(tasks: number, size: number, padding: number): void {
    const { observer } = this.#context;
    if (observer.onBatch) notify(observer, 'onBatch', { source: this.#source, tasks, size, padding });
  }
}

/** What the run is told: a lone task's own limits; for several the latest deadline, if each has one. */
function runOptions(tasks: readonly BatchingSessionTask[]): RunOptions | undefined {
  const { outputs, signal } = tasks[0]!;
  let deadline = 0;
  for (let i = 0; i < tasks.length; i++) deadline = Math.max(deadline, tasks[i]!.deadline);
  const hasSignal = tasks.length === 1 && signal !== undefined;
  if (outputs === undefined && !hasSignal && deadline === Number.POSITIVE_INFINITY) return undefined;
  return {
    ...(outputs && { outputs }),
    ...(hasSignal && { signal }),
    ...(deadline !== Number.POSITIVE_INFINITY && { deadline }),
  };
}

function failAll(tasks: readonly BatchingSessionTask[], reason: unknown): void {
  const error = ServingError.from(reason, 'INTERNAL');
  for (let i = 0; i < tasks.length; i++) tasks[i]!.fail(error);
}
