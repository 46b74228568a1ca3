/** Puts batching in front of a loader's servable. */
import type { LoadContext, Loader, ResourceEstimate } from '../loader/loader.js';
import type { BufferPool } from '../memory/buffer-pool.js';
import { isInferenceServable } from '../servable/inference-servable.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ModelBatchingOptions } from './batching-options.js';
import { type BatchingServable, batchingServable } from './batching-session.js';
import type { BatchingSessionTask } from './batching-session-task.js';
import type { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';

/** How the requests to a version are batched. */
export interface BatchingLoaderOptions {
  readonly scheduler: SharedBatchScheduler<BatchingSessionTask>;
  /** Go before the scheduler's own. */
  readonly batching: ModelBatchingOptions;
  readonly buffers?: BufferPool;
}

/**
 * A loader whose servable is a {@link batchingServable}. One that isn't for inference is handed through. What waits when the
 * version is unloaded runs before.
 */
export class BatchingLoader implements Loader {
  readonly path?: string;
  readonly #loader: Loader;
  readonly #options: BatchingLoaderOptions;
  #batched: BatchingServable | undefined;

  constructor(loader: Loader, options: BatchingLoaderOptions) {
    this.#loader = loader;
    if (loader.path !== undefined) this.path = loader.path;
    this.#options = options;
  }

  get engine(): string | undefined {
    return this.#loader.engine;
  }

  estimateResources(): Promise<ResourceEstimate> {
    return this.#loader.estimateResources();
  }

  async load(context: LoadContext): Promise<void> {
    await this.#loader.load(context);
    try {
      this.#batched = this.#wrap(context.id);
    } catch (error) {
      await this.#loader.unload();
      throw error;
    }
  }

  getServable(): unknown {
    return this.#batched ?? this.#loader.getServable();
  }

  async unload(): Promise<void> {
    const batched = this.#batched;
    this.#batched = undefined;
    await batched?.close();
    await this.#loader.unload();
  }

  #wrap(id: ServableId): BatchingServable | undefined {
    const { scheduler, ...options } = this.#options;
    const servable = this.#loader.getServable();
    return isInferenceServable(servable) ? batchingServable(servable, scheduler, { id, ...options }) : undefined;
  }
}
