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
  /** Ends a run on a thread early, where the engine can. Returns at once. */
  terminate?(slot: S): void;
  /** Copies the results out, one per fetch. Throws the error that the run ended with. */
  read(slot: S): Tensor[];
  /** Frees what the run holds. */
  close(slot: S): void;
  /** The same after `runOnThread`, once its callback was called. */
  closeThreaded(slot: S): void;
}

/** Where a session's runs happen. */
export interface RunPlace {
  /** Whether a run uses no thread but the one that it is on. */
  readonly isSingleThreaded: boolean;
  /** Whether this is a serving thread, beside others that run the model of another thread. */
  readonly isShared: boolean;
  /** Whether the process runs this model for another one, and serves nothing else. */
  readonly hasOwnProcess: boolean;
}

/** The same; each is false by default. */
export type RunPlaceOptions = { readonly [name in keyof RunPlace]?: boolean | undefined };

/** The part of a session that a run uses. */
export interface RunGate extends RunPlace {
  /** Where its runs wait for a thread. */
  readonly lane: RunLane;
  /** Counts a run in; the error when the session takes no more. */
  enter(): ServingError | undefined;
  /** Counts it out. */
  leave(): void;
}
