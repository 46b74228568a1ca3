/** A counted hold on a loaded version. */
import type { ServableId } from './servable-id.js';

/**
 * While a handle is held its version is not unloaded, even when a newer one has taken over. Release it as soon as the
 * work is done: `using` does so by itself. After `release` (which may be called twice) `servable` must not be used.
 */
export interface ServableHandle<T = unknown> extends Disposable {
  /** The version that is held, also for a request by label or without a version. */
  readonly id: ServableId;
  /** The same object for every handle to this version. */
  readonly servable: T;
  /** Ends the hold. What was held only by this handle, and is wanted no more, is unloaded then. */
  release(): void;
}
