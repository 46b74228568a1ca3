/** A kind of model that a server can serve: how a storage path becomes a loader. */

import type { SourceAdapter } from '../source/source-adapter.js';
import type { StoragePath } from '../source/storage-path.js';
import type { Loader } from './loader.js';

/** What a server passes to a platform about its models. */
export interface PlatformContext {
  /** Returns the `options` of a model of this platform as configured now; `undefined` where it has none. */
  readonly modelOptions: (model: string) => object | undefined;
}

/**
 * Registered with `ModelServer.start({ platforms: { name: platform } })` and chosen by a model's `platform`. The server
 * makes one adapter per platform and calls `close` last, after every servable was unloaded. A platform object given to
 * two servers serves both; its creator need not close it.
 */
export interface Platform {
  /** Called once by each server, before any model is looked for. What it throws keeps the server from starting. */
  createSourceAdapter(context: PlatformContext): SourceAdapter<StoragePath, Loader>;
  /**
   * Checks a model's `options` whenever a list of models is configured. What it throws refuses the list. Default: models of the
   * platform have no options.
   */
  checkModelOptions?(options: object): void;
  /**
   * URL of a module that exports `ThreadSupport`: the platform's loaders have `share`, so that its models can be served by several threads.
   * Default: they can't.
   */
  readonly threadSupport?: string | undefined;
  /** Releases what the platform holds beyond its servables, by each server that it served. */
  close?(): Promise<void>;
}
