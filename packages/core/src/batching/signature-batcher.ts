/** The requests to one signature of one version: checked, queued, run in batches. */

import {
  batchChannel,
  batchingQueueChannel,
  batchingRequestChannel,
  batchingRunChannel,
} from '../diagnostics/channels.js';
import type { RejectionReason } from '../diagnostics/events.js';
import { type DeadlineTimer, limitsOf } from '../inference/call-limits.js';
import type { BufferPool } from '../memory/buffer-pool.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import {
  areMergeable,
  checkOutputs,
  countRows,
  deliverOutputs,
  giveInputs,
  mergeInputs,
  pooledArrays,
} from './batch-tensors.js';
import { BatcherEvents, UNMEASURED } from './batcher-events.js';
import type { ModelBatchingOptions, ValidModelBatchingOptions } from './batching-options.js';
import {
  type BatchingRunOptions,
  type BatchingSessionTask,
  type RequestOwner,
  RequestTask,
} from './batching-session-task.js';
import { LoneRunGate } from './inline-run-gate.js';
import { type DividedBatch, FailedBatches } from './reruns/failed-batches.js';
import { nextAllowedBatchSize } from './scheduler/batch-queue.js';
import type { Batch, BatchPart, BatchScheduler } from './scheduler/batch-scheduler.js';
import type { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';
import type { AllocateArray } from './tensor-rows.js';

/** What the batchers of a session share. */
export interface BatcherContext {
  readonly id: ServableId;
  readonly servable: InferenceServable;
  readonly scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly options: ModelBatchingOptions;
  readonly deadlines: DeadlineTimer;
  /** Where merged inputs come from. */
  readonly buffers: BufferPool;
}

export class SignatureBatcher implements RequestOwner {
  readonly place: string;
  readonly #context: BatcherContext;
  readonly #signature: Signature;
  readonly #inputNames: readonly string[];
  readonly #limits: ValidModelBatchingOptions;
  readonly #queue: BatchScheduler<BatchingSessionTask>;
  #gate: LoneRunGate | undefined;
  readonly #events: BatcherEvents;
  readonly #buffers: BufferPool | undefined;
  readonly #allocate: AllocateArray | undefined;
  readonly #failures: FailedBatches;

  /** @throws ServingError as {@link SharedBatchScheduler.addQueue} */
  constructor(context: BatcherContext, signature: Signature) {
    const { id, scheduler, options } = context;
    this.#context = context;
    this.#signature = signature;
    this.place = ` (model ${id.name} version ${id.version}, signature "${signature.name}")`;
    const source = { servable: id, signature: signature.name, threadPoolName: scheduler.threadPoolName };
    this.#inputNames = [...signature.inputs.keys()];
    this.#events = new BatcherEvents(source, this.#inputNames.length);
    this.#limits = scheduler.resolveOptions(options);
    // With a timeout requests wait for each other, cheap ones too.
    this.#gate = this.#limits.batchTimeoutMs === 0 ? new LoneRunGate() : undefined;
    this.#buffers = context.servable.copiesInputs ? context.buffers : undefined;
    this.#allocate = this.#buffers && pooledArrays(this.#buffers);
    this.#failures = new FailedBatches({
      place: this.place,
      isStateful: signature.isStateful ?? false,
      onNotRunAgain: ({ size }) => this.onGivenUp(size, 'batch_failed'),
    });
    const names = this.#inputNames;
    const padVariableLength = this.#limits.padVariableLengthInputs;
    this.#queue = scheduler.addQueue(
      {
        ...options,
        canJoin: (first, task) => areMergeable(names, padVariableLength, first, task),
        fillsWithPieces: !padVariableLength,
        engineSlots: context.servable.slots,
        splitTask: (task, sizes) => (task as RequestTask).split(sizes),
      },
      (batch, release, again) => this.#process(batch, release, again),
    );
  }

  run(inputs: NamedTensors, options: BatchingRunOptions | undefined): NamedTensors | Promise<NamedTensors> {
    const size = countRows(this.#inputNames, inputs, this.place);
    if (this.#mayRunAlone(size)) return this.#runAlone(inputs, size, options);
    if (batchingRequestChannel.hasSubscribers) this.#events.request(size);
    if (options?.trace) options.trace.queued();
    const { scheduler, deadlines } = this.#context;
    const isTimed = batchingQueueChannel.hasSubscribers || options?.deadline !== undefined;
    const enqueuedAt = isTimed ? scheduler.clock.now() : UNMEASURED;
    return new Promise((resolve, reject) => {
      const limits = options && limitsOf(options, deadlines);
      const task = new RequestTask(this, size, inputs, options, limits, enqueuedAt, resolve, reject);
      if (options?.signal?.aborted) task.abort(options.signal);
      this.#submit(task);
    });
  }

  /** Whether a request waits for no other, and is likely to be over when its run returns. */
  #mayRunAlone(rows: number): boolean {
    const gate = this.#gate;
    if (gate === undefined || !gate.mayRunAlone() || !this.#queue.isIdle) return false;
    return rows <= this.#limits.maxExecutionBatchSize && this.#padding(rows) === 0;
  }

  /** A run that is not over when it returns, against expectation, is the last one made alone until batches are again. */
  #runAlone(
    inputs: NamedTensors,
    rows: number,
    options: BatchingRunOptions | undefined,
  ): NamedTensors | Promise<NamedTensors> {
    const { servable, scheduler } = this.#context;
    const startedAt = scheduler.clock.now();
    const running = servable.run(this.#signature, inputs, options);
    this.#events.loneRun(rows);
    if (running instanceof Promise) {
      this.#gate?.recordThreaded();
      return running.then((outputs) => this.#checked(outputs, rows));
    }
    this.#gate?.recordAlone((scheduler.clock.now() - startedAt) * 1000);
    return this.#checked(running, rows);
  }

  #checked(outputs: NamedTensors, rows: number): NamedTensors {
    checkOutputs(outputs, rows, this.place);
    return outputs;
  }

  /** See {@link BatchScheduler.close}. */
  close(): Promise<void> {
    this.#gate = undefined;
    return this.#queue.close();
  }

  withdraw(task: BatchingSessionTask): void {
    this.#queue.remove(task);
  }

  onGivenUp(size: number, reason: RejectionReason): void {
    this.#events.rejected(size, reason);
  }

  #submit(task: RequestTask): void {
    if (task.deadline <= task.enqueuedAt) task.expire();
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

  #process(
    batch: Batch<BatchingSessionTask>,
    release: () => void,
    again: (part: BatchPart<BatchingSessionTask>) => void,
  ): void {
    const { servable, scheduler } = this.#context;
    const failures = this.#failures;
    const whole = failures.wholeOf(batch);
    const isRerun = failures.isRerun(batch);
    const tasks = this.#start(batch.tasks);
    if (tasks.length === 0) {
      this.#end(whole, release, again);
      return;
    }
    let size = 0;
    for (let i = 0; i < tasks.length; i++) size += tasks[i]!.size;
    if (whole === undefined && batchingQueueChannel.hasSubscribers) {
      this.#events.dequeued(tasks, scheduler.clock.now());
    }
    const portioned = failures.begin(batch, tasks, size);
    if (portioned !== undefined) {
      this.#end(portioned, release, again);
      return;
    }
    const padding = this.#padding(size);
    if (batchingRunChannel.hasSubscribers) this.#events.batch(tasks.length, size, padding, isRerun, batch.closeReason);
    const trace = batchChannel.hasSubscribers
      ? this.#events.trace(tasks, size, padding, isRerun, scheduler.clock)
      : undefined;
    let isOver = false;
    // What goes wrong before or after the run fails every request.
    const fail = (reason: unknown): void => {
      if (trace !== undefined) trace.finish(reason);
      failAll(tasks, reason);
      if (isOver) return;
      isOver = true;
      this.#end(whole, release, again);
    };
    const failRun = (reason: unknown): void => {
      if (trace !== undefined) trace.finish(reason);
      isOver = true;
      const rest = failures.onFailed(batch, tasks, ServingError.from(reason, 'INTERNAL'));
      // Before the thread continues, so that it takes no other piece of a request that has failed.
      this.#end(rest, release, again);
    };
    let inputs: NamedTensors;
    const deliver = (outputs: NamedTensors): void => {
      try {
        checkOutputs(outputs, size + padding, this.place);
        if (trace !== undefined) trace.finish();
        if (this.#buffers && inputs !== tasks[0]!.inputs) giveInputs(this.#buffers, inputs, outputs);
        failures.onSucceeded(batch, tasks);
        isOver = true;
        // The next batch goes to the free thread before this one's results are split.
        this.#end(whole, release, again);
        deliverOutputs(outputs, tasks, padding);
      } catch (error) {
        fail(error);
      }
    };
    try {
      inputs = mergeInputs(this.#inputNames, tasks, padding, this.#limits.padVariableLengthInputs, this.#allocate);
    } catch (error) {
      fail(error);
      return;
    }
    const startedAt = this.#gate === undefined ? 0 : scheduler.clock.now();
    let running: NamedTensors | Promise<NamedTensors>;
    try {
      running = servable.run(
        this.#signature,
        inputs,
        failures.isLastTry(batch) ? suspectRun(tasks[0]!) : runOptions(tasks),
      );
    } catch (error) {
      failRun(error);
      return;
    }
    if (trace !== undefined) trace.ranInline = !(running instanceof Promise);
    if (running instanceof Promise) {
      this.#gate?.recordThreaded();
      running.then(deliver, failRun);
    } else {
      this.#gate?.recordBatch((scheduler.clock.now() - startedAt) * 1000);
      deliver(running);
    }
  }

  /** Called after a run: its thread continues, and with the next part of its batch when the queue has its turn. */
  #end(
    whole: DividedBatch | undefined,
    release: () => void,
    again: (part: BatchPart<BatchingSessionTask>) => void,
  ): void {
    const next = whole && this.#failures.next(whole);
    if (next) again(next);
    release();
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
}

/** The options of a batch's run: those of the caller for a single task; for several the latest deadline, if each has one. */
function runOptions(tasks: readonly BatchingSessionTask[]): RunOptions | undefined {
  const { outputs, options } = tasks[0]!;
  if (tasks.length === 1) return options;
  let deadline = 0;
  for (let i = 0; i < tasks.length; i++) deadline = Math.max(deadline, tasks[i]!.deadline);
  return { outputs, requests: tasks.length, ...(deadline !== Number.POSITIVE_INFINITY && { deadline }) };
}

/** Options for a lone task that was in flight when a process ended. */
function suspectRun({ options }: BatchingSessionTask): RunOptions {
  const { outputs, signal, deadline, limits } = options ?? {};
  return { outputs, signal, deadline, limits, isSuspect: true };
}

function failAll(tasks: readonly BatchingSessionTask[], reason: unknown): void {
  const error = ServingError.from(reason, 'INTERNAL');
  for (let i = 0; i < tasks.length; i++) tasks[i]!.fail(error);
}
