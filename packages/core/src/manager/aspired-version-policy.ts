/** Decides what is loaded and unloaded next (TensorFlow Serving's `core/aspired_version_policy.h`). */
import type { LoaderHarnessStateKind } from '../loader/loader-harness.js';
import type { ServableId } from '../servable/servable-id.js';

/** One managed version of a stream as the policy sees it. */
export interface AspiredServableStateSnapshot {
  readonly id: ServableId;
  readonly state: LoaderHarnessStateKind;
  /** Whether the source aspires it. */
  readonly isAspired: boolean;
}

/** Load a version that is `new`, or unload one that is `ready`. */
export interface ServableAction {
  readonly action: 'load' | 'unload';
  readonly id: ServableId;
}

/**
 * A pure function: all managed versions of one stream, in the order in which the manager learnt of them, to at most one
 * next action. It is called again whenever something has changed, so it need never plan further than one step. It must
 * come to an end: `undefined` when no version that it would move is `new` or `ready`.
 *
 * @example
 * ```ts
 * // Loads every aspired version and never unloads.
 * const policy: AspiredVersionPolicy = {
 *   getNextAction(versions) {
 *     const next = versions.find((version) => version.isAspired && version.state === 'new');
 *     return next && { action: 'load', id: next.id };
 *   },
 * };
 * ```
 */
export interface AspiredVersionPolicy {
  /** At most one step: the load of a version that is aspired and `new`, or the unload of one that is `ready`. */
  getNextAction(versions: readonly AspiredServableStateSnapshot[]): ServableAction | undefined;
}

/** The load of the highest version that is aspired and `new`, if there is one. */
export function loadHighestNew(versions: readonly AspiredServableStateSnapshot[]): ServableAction | undefined {
  let highest: AspiredServableStateSnapshot | undefined;
  for (const version of versions) {
    if (!version.isAspired || version.state !== 'new') continue;
    if (!highest || version.id.version > highest.id.version) highest = version;
  }
  return highest && { action: 'load', id: highest.id };
}
