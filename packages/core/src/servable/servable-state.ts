/** The state of one version of a servable, as a manager publishes it (TensorFlow Serving's `core/servable_state.h`). */
import type { ServingError } from '../serving-error.js';
import type { ServableId } from './servable-id.js';

/**
 * Where a version is in its life. Each is published once, in this order, except that `loading` comes again when an attempt
 * to load has failed and will be retried, and that a failure leads from anywhere straight to `end`.
 *
 * * `start`: the manager has the version; no action has begun.
 * * `loading`: published before its load begins; and, with an `error`, after each failed attempt that will be retried (a failed
 *   estimate of resources is one), and when the load has to wait for resources that no unload is freeing yet.
 * * `available`: published after handles to it can be had.
 * * `unloading`: published before handles to it can no longer be had. Handles given out stay good.
 * * `end`: it was unloaded after its last handle was released (no `error`), or it failed (with `error`), or it was
 *   wanted no more before it was ever loaded. What it held of resources is given back after that.
 *
 * A manager publishes synchronously, at the moment of the change: a subscriber that calls the manager sees
 * the same state. After `end` a version may `start` again, with another loader; never before. Nothing is promised
 * about the order of events of different versions, except what the version policy promises.
 */
export type ManagerState = 'start' | 'loading' | 'available' | 'unloading' | 'end';

/** One event in the life of a version. */
export interface ServableState {
  readonly id: ServableId;
  readonly managerState: ManagerState;
  /** What went wrong; absent while the version is healthy. */
  readonly error?: ServingError;
  /** The engine that runs the version, where its loader has one; from `available` on. */
  readonly engine?: string;
}
