/** Sources emit aspired versions, targets receive them (TensorFlow Serving's `core/source.h`, `core/target.h`). */
import type { ServableData } from '../servable/servable-data.js';

/**
 * Called with the aspired versions of one servable stream. Each call replaces the previous set of that stream: listed
 * versions are loaded, all others unloaded. An empty list unloads the stream. Streams that were never named are left alone.
 * The `id.name` of every item is `streamName`.
 */
export type AspiredVersionsCallback<T> = (streamName: string, versions: readonly ServableData<T>[]) => void;

/**
 * Emits aspired versions. The callback is set once; versions emitted before that wait for it. A source may call it from any
 * later turn of the event loop, for any stream, in any order, never recursively. The owner calls `close` once: the source
 * emits nothing after it has resolved.
 */
export interface Source<T> {
  /** Called once, by `connectSourceToTarget`. Aspired versions that waited for the callback are passed to it. */
  setAspiredVersionsCallback(callback: AspiredVersionsCallback<T>): void;
  /** Stops the source. Unloads nothing. */
  close?(): Promise<void>;
}

/** Receives aspired versions. After `close` its callback can still be called, and does nothing. */
export interface Target<T> {
  /** Each callback that it returns feeds the same target. */
  getAspiredVersionsCallback(): AspiredVersionsCallback<T>;
}

/** Connects a source to a target: from now on the target receives the source's aspired versions. */
export function connectSourceToTarget<T>(source: Source<T>, target: Target<T>): void {
  source.setAspiredVersionsCallback(target.getAspiredVersionsCallback());
}
