/** A kind of model that a server can serve: how a storage path becomes a loader. */
import type { Loader } from './loader/loader.js';
import type { SourceAdapter } from './source/source-adapter.js';
import type { StoragePath } from './source/storage-path.js';

/**
 * Registered with `ModelServer.start({ platforms: { name: platform } })` and chosen by a model's `platform`. The server
 * makes one adapter per platform and calls `close` last, after every servable was unloaded. A platform object given to
 * two servers serves both; the one who made it need not close it.
 */
export interface Platform {
  createSourceAdapter(): SourceAdapter<StoragePath, Loader>;
  close?(): Promise<void>;
}
