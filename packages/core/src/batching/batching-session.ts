/** A servable whose requests run in batches (TensorFlow Serving's `batching_session.h`). */

import { DeadlineTimer } from '../inference/call-limits.js';
import { BufferPool } from '../memory/buffer-pool.js';
import type { SignatureDefMap } from '../messages/signature-def.js';
import type { ExampleSupport } from '../servable/example-support.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { ModelBatchingOptions } from './batching-options.js';
import type { BatchingRunOptions, BatchingSessionTask } from './batching-session-task.js';
import type { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';
import { SignatureBatcher } from './signature-batcher.js';

/** How one version's requests are batched. */
export interface BatchingSessionOptions {
  /** For error texts and metrics. */
  readonly id: ServableId;
  /** Go before the scheduler's own. */
  readonly batching?: ModelBatchingOptions;
  /** Where the memory of merged inputs comes from. Default: a pool of its own. */
  readonly buffers?: BufferPool;
}

/** A servable that has queues, which its owner closes. */
export interface BatchingServable extends InferenceServable {
  /** Puts the request into its queue, or runs it alone where it costs less than a batch. See {@link batchingServable} for what it is refused with. */
  run(signature: Signature, inputs: NamedTensors, options?: BatchingRunOptions): NamedTensors | Promise<NamedTensors>;
  /** What runs the batches; it stays its owner's. */
  readonly wrapped: InferenceServable;
  /**
   * Runs what waits, refuses what comes, and resolves when no batch runs any more: call it before the wrapped servable is
   * unloaded. May be called again.
   */
  close(): Promise<void>;
}

/**
 * Has requests run together that agree in signature, outputs and every dimension but the first, the batch dimension. Each
 * signature has its queue in the scheduler; an error in a batch reaches all of its requests and no other.
 *
 * - All inputs need one batch dimension of one size, all outputs have it too; `INVALID_ARGUMENT` and `FAILED_PRECONDITION` otherwise.
 * - Outputs are views of the batch's: rows of different requests lie in one buffer.
 * - A request leaves its queue when its signal aborts (`CANCELLED`) or its deadline passes (`RESOURCE_EXHAUSTED`, as it
 *   wasn't run; `DEADLINE_EXCEEDED` when its batch runs, which continues for the others).
 * - Requests without rows never run with those that have some.
 * - Requests to a signature with `isBatched: false` run one by one.
 *
 * @example
 * ```ts
 * const scheduler = new SharedBatchScheduler<BatchingSessionTask>({ maxBatchSize: 64 });
 * const batched = batchingServable(servable, scheduler, { id: { name: 'digits', version: 1 } });
 * await Promise.all(images.map((image) => batched.run(signature, { image })));
 * await batched.close();
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for wrong options, `UNAVAILABLE` when the scheduler is closed.
 */
export function batchingServable(
  servable: InferenceServable,
  scheduler: SharedBatchScheduler<BatchingSessionTask>,
  options: BatchingSessionOptions,
): BatchingServable {
  return new BatchingSession(servable, scheduler, options);
}

/** The handle of a batched servable as one of what is behind it; `undefined` for any other. */
export function unbatched(handle: ServableHandle): ServableHandle | undefined {
  const { id, servable } = handle;
  if (!(servable instanceof BatchingSession)) return undefined;
  const release = (): void => handle.release();
  return { id, servable: servable.wrapped, release, [Symbol.dispose]: release };
}

class BatchingSession implements BatchingServable {
  readonly wrapped: InferenceServable;
  readonly signatures: ReadonlyMap<string, Signature>;
  readonly signatureDefs?: SignatureDefMap;
  readonly examples?: ExampleSupport;
  readonly savedModelTags?: readonly string[];
  readonly libraryVersion?: string;
  readonly engine?: string;
  readonly #batchers: ReadonlyMap<string, SignatureBatcher>;

  constructor(
    servable: InferenceServable,
    scheduler: SharedBatchScheduler<BatchingSessionTask>,
    { id, batching = {}, buffers = new BufferPool() }: BatchingSessionOptions,
  ) {
    this.wrapped = servable;
    this.signatures = servable.signatures;
    if (servable.signatureDefs) this.signatureDefs = servable.signatureDefs;
    if (servable.examples) this.examples = servable.examples;
    if (servable.savedModelTags) this.savedModelTags = servable.savedModelTags;
    if (servable.engine !== undefined) this.engine = servable.engine;
    if (servable.libraryVersion !== undefined) this.libraryVersion = servable.libraryVersion;
    const deadlines = new DeadlineTimer(scheduler.clock);
    const context = { id, servable, scheduler, options: batching, deadlines, buffers };
    this.#batchers = new Map(
      Array.from(servable.signatures)
        .filter(([, signature]) => signature.isBatched !== false)
        .map(([name, signature]) => [name, new SignatureBatcher(context, signature)]),
    );
  }

  run(signature: Signature, inputs: NamedTensors, options?: BatchingRunOptions): NamedTensors | Promise<NamedTensors> {
    const batcher = this.#batchers.get(signature.name);
    if (batcher) return batcher.run(inputs, options);
    if (signature.isBatched === false) return this.wrapped.run(signature, inputs, options);
    throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${signature.name}" not found.`);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#batchers.values(), (batcher) => batcher.close()));
  }
}
