/** What a manager says about one version of a servable (TensorFlow Serving's `core/servable_state.h`). */
import type { ServingError } from '../serving-error.js';
import type { ServableId } from './servable-id.js';

/**
 * Where a version is in its life. Each is published once, in this order, except that `loading` comes again when a load
 * has failed and will be retried, and that a failure leads from anywhere straight to `end`.
 *
 * * `start`: the manager knows the version; nothing has been done for it.
 * * `loading`: published before its load begins, and again after a failed attempt, then with that failure as `error`.
 * * `available`: published after handles to it can be had.
 * * `unloading`: published before handles to it can no longer be had. Handles given out stay good.
 * * `end`: it was unloaded after its last handle was released (no `error`), or it failed (with `error`), or it was
 *   wanted no more before it was ever loaded.
 */
export type ManagerState = 'start' | 'loading' | 'available' | 'unloading' | 'end';

/** One event in the life of a version. */
export interface ServableState {
  readonly id: ServableId;
  readonly managerState: ManagerState;
  /** What went wrong; absent while the version is healthy. */
  readonly error?: ServingError;
}
