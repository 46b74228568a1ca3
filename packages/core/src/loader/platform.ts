/** A kind of model that a server can serve: how a storage path becomes a loader. */

import type { SourceAdapter } from '../source/source-adapter.js';
import type { StoragePath } from '../source/storage-path.js';
import type { Loader } from './loader.js';

/**
 * Registered with `ModelServer.start({ platforms: { name: platform } })` and chosen by a model's `platform`. The server
 * makes one adapter per platform and calls `close` last, after every servable was unloaded. A platform object given to
 * two servers serves both; the one who made it need not close it.
 */
export interface Platform {
  /** Called once by each server, before any model is looked for. What it throws keeps the server from starting. */
  createSourceAdapter(): SourceAdapter<StoragePath, Loader>;
  /** Releases what the platform holds beyond its servables, by each server that it served. */
  close?(): Promise<void>;
}
