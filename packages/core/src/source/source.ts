/** Sources wish for versions, targets take the wishes (TensorFlow Serving's `core/source.h`, `core/target.h`). */
import type { ServableData } from '../servable/servable-data.js';

/**
 * A wish: the versions of one servable stream that should be there. Each call replaces the earlier wish for that
 * stream: listed versions are wanted, others not; an empty list unloads the stream; streams never named are untouched.
 * Every item's `id.name` is `streamName`.
 */
export type AspiredVersionsCallback<T> = (streamName: string, versions: readonly ServableData<T>[]) => void;

/**
 * Something that wishes for versions. The callback is set once, before any wish; wishes made earlier wait for it.
 * A source may call it from any later turn of the event loop, for any stream, in any order, never re-entrantly.
 * `close` is called once by the owner: no wish comes after it resolves.
 */
export interface Source<T> {
  /** Called once, by the one who connects. Wishes that waited for it are handed over. */
  setAspiredVersionsCallback(callback: AspiredVersionsCallback<T>): void;
  /** Ends the wishes. Nothing is unloaded by that. */
  close?(): Promise<void>;
}

/** Something that takes wishes. Its callback stays callable after `close` and does nothing then. */
export interface Target<T> {
  /** The same target takes the wishes of all callbacks that it gave. */
  getAspiredVersionsCallback(): AspiredVersionsCallback<T>;
}

/** Joins a source to a target: from now on the target gets the source's wishes. */
export function connectSourceToTarget<T>(source: Source<T>, target: Target<T>): void {
  source.setAspiredVersionsCallback(target.getAspiredVersionsCallback());
}
