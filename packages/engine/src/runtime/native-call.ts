/** A native call that runs a model, split into steps that engines of the C kind have in common. */
import type { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { RunLane } from './run-slots.js';

/**
 * A run is `open`, then `runInline` or `runOnThread`, then `read`, then `close`, or `closeThreaded` after a run on a
 * thread; one of the two comes whatever happened. `S` holds what belongs to one run.
 */
export interface NativeCall<S> {
  /** Copies the inputs. When it throws, nothing is left to close. */
  open(values: readonly Tensor[]): S;
  /** Runs on this thread, until the model is done. */
  runInline(slot: S): void;
  /** Runs on a thread of the pool. The call and its slot must stay referenced until `callback`. */
  runOnThread(slot: S, callback: (error: unknown) => void): void;
  /** Asks a run on a thread to end early, where the engine can. It returns at once. */
  terminate?(slot: S): void;
  /** Copies the results out, one per fetch. Throws the error that the run ended with. */
  read(slot: S): Tensor[];
  /** Frees what the run holds. */
  close(slot: S): void;
  /** The same after `runOnThread`, once its callback was called. */
  closeThreaded(slot: S): void;
}

/** What a run asks of its session. */
export interface RunGate {
  /** Where its runs wait for a thread. */
  readonly lane: RunLane;
  /** Counts a run in; the error when the session takes no more. */
  enter(): ServingError | undefined;
  /** Counts it out. */
  leave(): void;
}
