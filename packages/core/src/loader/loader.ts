/** What can load one version of a servable, once (TensorFlow Serving's `core/loader.h`). */
import type { ResourceQuantity } from '../resources/resource-quantity.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ServingError } from '../serving-error.js';
import type { SharedServable } from '../threads/shared-servable.js';

/** What a servable is expected to hold at most, while it loads and when it is loaded. */
export interface ResourceEstimate {
  /** Bytes of the machine's memory: `ram_in_bytes` of the device `main`. */
  readonly ramBytes: number;
  /** What it holds elsewhere, or of another kind. Default: nothing. */
  readonly devices?: readonly ResourceQuantity[];
}

/** The context of a load. */
export interface LoadContext {
  readonly id: ServableId;
  /** Aborted when the version is no longer wanted; a loader may stop early, or finish all the same. */
  readonly signal: AbortSignal;
  /**
   * To be called when what was loaded can't serve any longer, by no request's fault. The version is unloaded then, and ends with this
   * error. Ignored before the load has succeeded, and after the unload has begun.
   */
  readonly onEnded?: (error: ServingError) => void;
}

/**
 * Loads and unloads one version of a servable. The manager calls, in this order: `estimateResources` (again after it
 * rejected, and before a retry of `load`), `load` (again only after it rejected, for a retry), `getServable` (only between a successful `load` and
 * `unload`), `unload` (once, after the last handle was released). A loader is never used for a second version.
 *
 * A rejected `load` must leave nothing behind that the next `load` or garbage collection doesn't clean up.
 */
export interface Loader {
  /** Where it loads from, for those who measure. */
  readonly path?: string;
  /** The engine that runs what it has loaded, once that is known: for those who measure. */
  readonly engine?: string | undefined;
  /** What the version will hold at most. Counted against the limits from before `load` until `unload` is over. */
  estimateResources(): Promise<ResourceEstimate>;
  /** Makes the servable. May be given up when `context.signal` aborts, by rejecting. */
  load(context: LoadContext): Promise<void>;
  /** What `load` made. */
  getServable(): unknown;
  /**
   * Describes what `load` made for other threads, which run it too until `unload`. `undefined`, or absent: only this thread can. Called
   * once per thread.
   */
  share?(): SharedServable | undefined;
  /** Releases everything. What it rejects with is the version's last error; it counts as gone all the same. */
  unload(): Promise<void>;
}
