/** The versions that a serving thread has opened. */

import type { BatchingOptions, ModelBatchingOptions } from '../../batching/batching-options.js';
import { type BatchingServable, batchingServable } from '../../batching/batching-session.js';
import type { BatchingSessionTask } from '../../batching/batching-session-task.js';
import { SharedBatchScheduler } from '../../batching/scheduler/shared-batch-scheduler.js';
import { systemClock } from '../../clock.js';
import { ServingMap } from '../../manager/serving-map.js';
import type { BufferPool } from '../../memory/buffer-pool.js';
import type { ServableId } from '../../servable/servable-id.js';
import type { ServingError } from '../../serving-error.js';
import type { OpenVersionMessage } from '../main/version-leases.js';
import type { OpenedServable, SharedServableModule } from '../shared-servable.js';
import { threadShareOfModel } from '../thread-share.js';

/** How versions are batched in this thread. */
export interface ThreadVersionsOptions {
  /** The server's, already this thread's share. */
  readonly batching: BatchingOptions;
  /** What a model's own limits are divided by. */
  readonly threads: number;
  readonly buffers: BufferPool;
  readonly onError: (error: ServingError) => void;
}

interface OpenVersion {
  readonly id: ServableId;
  readonly opened: OpenedServable;
  readonly batched: BatchingServable | undefined;
}

/** Opens versions before requests may find them, and closes them after the last of their requests. */
export class ThreadVersions {
  readonly servables: ServingMap = new ServingMap();
  readonly #options: ThreadVersionsOptions;
  readonly #scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly #versions = new Map<number, Promise<OpenVersion>>();

  constructor(options: ThreadVersionsOptions) {
    this.#options = options;
    const { batching, onError } = options;
    this.#scheduler = new SharedBatchScheduler(batching, { clock: systemClock, onError });
  }

  /** Resolves when requests find the version. @throws ServingError what its module fails with */
  async open(message: OpenVersionMessage): Promise<void> {
    const opening = this.#open(message);
    this.#versions.set(message.lease, opening);
    await opening;
  }

  /** Resolves when no request of this thread uses the version. */
  async close(lease: number): Promise<void> {
    const version = await this.#versions.get(lease)?.catch(() => undefined);
    this.#versions.delete(lease);
    if (version === undefined) return;
    const { id, opened, batched } = version;
    await this.servables.remove(id);
    await batched?.close();
    await opened.close();
  }

  async #open({ id, shared, batching }: OpenVersionMessage): Promise<OpenVersion> {
    const module = (await import(shared.module)) as SharedServableModule;
    const opened = await module.openSharedServable(shared.data);
    try {
      const batched = batching && this.#batched(id, opened, batching);
      this.servables.add(id, batched ?? opened.servable);
      return { id, opened, batched };
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  #batched(id: ServableId, { servable }: OpenedServable, ofModel: ModelBatchingOptions): BatchingServable {
    const { buffers, threads } = this.#options;
    const batching = threadShareOfModel(ofModel, threads);
    return batchingServable(servable, this.#scheduler, { id, batching, buffers });
  }
}
