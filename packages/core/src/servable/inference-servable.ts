/** The servable that the inference APIs run. */

import type { RequestTrace } from '../diagnostics/request-trace.js';
import type { SignatureDefMap } from '../messages/signature-def.js';
import type { SlotsView } from '../scheduling/fair-slots.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { ExampleSupport } from './example-support.js';
import type { Signature } from './signature.js';

/** Why a wait ends before its run does: its signal aborted, its deadline passed, or the model server closes. */
export interface LimitCause {
  readonly kind: 'aborted' | 'expired' | 'closing';
  /** The signal's. */
  readonly reason?: unknown;
}

/** A wait that limits may end. */
export interface LimitedWait {
  /** Called once at most, and not after {@link RunLimits.remove}. */
  onLimit(cause: LimitCause): void;
}

/** The signal and the deadline of a caller, watched once for all of its waits. */
export interface RunLimits {
  /** Calls the wait's `onLimit` when they end it; at once where the signal has aborted. */
  add(wait: LimitedWait): void;
  /** The wait is over. Ignored for one that is not there. */
  remove(wait: LimitedWait): void;
}

/** The options of one run. Its members may be getters: never spread it. */
export interface RunOptions {
  /** Outputs to fetch, by alias; all of the signature's when absent or empty. */
  readonly outputs?: readonly string[] | undefined;
  /** Aborting gives the caller `CANCELLED` at once; work already handed to native code runs on and its result is discarded. */
  readonly signal?: AbortSignal | undefined;
  /** `Clock.now()` time after which the caller gets `DEADLINE_EXCEEDED`. Absent: no limit. */
  readonly deadline?: number | undefined;
  /** Where signal and deadline are watched already, for servables that queue: to leave the queue when they end the wait. */
  readonly limits?: RunLimits | undefined;
  /** How many requests share the run, where batching has joined them; a run of many may block the event loop longer. Default: 1. */
  readonly requests?: number | undefined;
  /** The request of this run, if it is measured. Servables that queue or batch record their stages on it. */
  readonly trace?: RequestTrace | undefined;
  /** Whether a process ended while it ran with others, so that it should run with no other at the same time. Default: false. */
  readonly isSuspect?: boolean | undefined;
}

/**
 * A servable with signatures. Whatever implements this (a SavedModel, a lookup table, another runtime) gets predict in
 * process, REST and the APIs to come.
 *
 * `run` may be called any number of times at once and must not block the event loop for long. Inputs are complete and
 * of the signature's dtypes when it is called; it must not write into them. It returns one tensor per requested output, or
 * a promise of them, and throws or rejects with a `ServingError` that concerns this call only. It is never called after its
 * loader's `unload`.
 */
export interface InferenceServable {
  /** By name. Complete when the servable is handed out; it doesn't change afterwards. */
  readonly signatures: ReadonlyMap<string, Signature>;
  /**
   * `signature` is one of `signatures`. Outputs without a promise are for work of microseconds, less than a thread costs:
   * the whole request is answered within the call then.
   */
  run(signature: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors>;
  /** The SignatureDefs behind `signatures`, as metadata shows them; derived from `signatures` when absent. */
  readonly signatureDefs?: SignatureDefMap;
  /** The engine that runs it, such as `tensorflow` or `onnx`: for logs, metrics and status pages. */
  readonly engine?: string;
  /** The version of the engine's library, such as `2.21.0`: for status pages. */
  readonly libraryVersion?: string;
  /** The tags by which its graph was chosen among a SavedModel's; logs of requests have them. */
  readonly savedModelTags?: readonly string[];
  /**
   * Whether nothing of a run's inputs is kept or read once it has resolved, so that their memory can be used again.
   * Batching does so. Default false.
   */
  readonly copiesInputs?: boolean;
  /**
   * The slots of its engine, where runs wait for their turn. Batching then has one full batch more waiting there. Default: as many
   * runs as come are made at once.
   */
  readonly slots?: SlotsView | undefined;
  /** What turns examples into a tensor; without it Classify and Regress are `UNIMPLEMENTED`. */
  readonly examples?: ExampleSupport;
}

/** Whether an object of unknown kind is an inference servable. */
export function isInferenceServable(servable: unknown): servable is InferenceServable {
  if (typeof servable !== 'object' || servable === null) return false;
  const { signatures, run } = servable as Partial<InferenceServable>;
  return typeof run === 'function' && typeof signatures?.get === 'function';
}
