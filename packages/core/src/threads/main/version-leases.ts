/** The loaded versions that serving threads use: each is held until the last thread has closed it. */
import type { ModelBatchingOptions } from '../../batching/batching-options.js';
import type { ServableId } from '../../servable/servable-id.js';
import { formatServableId } from '../../servable/servable-id.js';
import { ServingError } from '../../serving-error.js';
import type { SharedServable } from '../shared-servable.js';
import type { ThreadChannel } from '../thread-channel.js';

/** A loaded version as threads may be given it. */
export interface LeasableVersion {
  readonly id: ServableId;
  /** The engine that runs it, for errors. */
  readonly engine?: string | undefined;
  /** How its requests are batched; `undefined` for not at all. */
  readonly batching: ModelBatchingOptions | undefined;
  /** What one thread opens; `undefined` when only the thread that loaded it can run it. */
  share(): SharedServable | undefined;
}

/** The call `openVersion`. */
export interface OpenVersionMessage {
  readonly lease: number;
  readonly id: ServableId;
  readonly batching: ModelBatchingOptions | undefined;
  readonly shared: SharedServable;
}

/**
 * A version is given to every thread before it is available, and taken from every thread before it is unloaded. A thread that has ended
 * holds nothing: it ends only after its native runs.
 */
export class VersionLeases {
  readonly #versions = new Map<number, LeasableVersion>();
  readonly #threads = new Set<ThreadChannel>();
  #leases = 0;

  /**
   * Resolves with the number of the lease when every thread has opened the version.
   *
   * @throws ServingError `UNIMPLEMENTED` when there are threads and it can't be shared, or what a thread failed with
   */
  async grant(version: LeasableVersion): Promise<number> {
    const lease = ++this.#leases;
    this.#versions.set(lease, version);
    try {
      await Promise.all(Array.from(this.#threads, (thread) => this.#open(thread, lease, version)));
      return lease;
    } catch (error) {
      await this.revoke(lease);
      throw error;
    }
  }

  /** Resolves when no thread uses the version any more. */
  async revoke(lease: number): Promise<void> {
    this.#versions.delete(lease);
    await Promise.all(Array.from(this.#threads, (thread) => closeVersion(thread, lease)));
  }

  /** Gives a thread every version, those of later grants too. @throws ServingError as {@link grant} */
  async join(thread: ThreadChannel): Promise<void> {
    this.#threads.add(thread);
    await Promise.all(Array.from(this.#versions, ([lease, version]) => this.#open(thread, lease, version)));
  }

  /** The thread has ended. */
  leave(thread: ThreadChannel): void {
    this.#threads.delete(thread);
  }

  async #open(thread: ThreadChannel, lease: number, version: LeasableVersion): Promise<void> {
    const { id, batching } = version;
    const shared = version.share();
    if (shared === undefined) throw notShareable(version);
    try {
      const { module, data, transfer } = shared;
      await thread.call(
        'openVersion',
        { lease, id, batching, shared: { module, data } } satisfies OpenVersionMessage,
        transfer,
      );
    } catch (error) {
      // For a thread that ends meanwhile, its replacement opens the version.
      if (this.#threads.has(thread)) {
        throw ServingError.from(error).prefixed(`${formatServableId(id)} could not be opened in a serving thread: `);
      }
    }
  }
}

async function closeVersion(thread: ThreadChannel, lease: number): Promise<void> {
  try {
    await thread.call('closeVersion', lease);
  } catch {
    // The thread has ended, and holds nothing.
  }
}

function notShareable({ id, engine }: LeasableVersion): ServingError {
  const what = engine === undefined ? 'its platform' : `the engine "${engine}"`;
  return new ServingError(
    'UNIMPLEMENTED',
    `Model ${id.name} version ${id.version} can't be served from several threads: ${what} runs models only in the thread ` +
      'that loaded them. Serve with one thread (threads: 1, --serving_threads=1), or choose the engine "tensorflow" or "onnx"',
  );
}
