/** What executes a SavedModel's graph: libtensorflow, tfjs-node, or another library that implements these three interfaces. */
import type { RunLimits, SlotsView } from '@serving/core/extend';
import type { Tensor } from '@serving/core/tensor';

/** How sessions of a runtime run. The numbers are those of TensorFlow's ConfigProto. */
export interface SessionOptions {
  /**
   * Threads within one kernel; 0 lets the library choose. Default: 0. TensorFlow has one such pool per process, and the
   * first session sizes it: a later session that asks for another number gets the pool as it is, and a process warning.
   */
  readonly intraOpThreads?: number;
  /**
   * Threads for kernels that can run side by side; 0 lets the library choose. Default: 0. Also one pool per process.
   * Unused by runs on the caller's thread.
   */
  readonly interOpThreads?: number;
  /**
   * A serialized `tensorflow.ConfigProto`, passed on to TensorFlow as it is; the numbers of threads above replace its
   * own where they are not 0. Default: none.
   */
  readonly configProto?: Uint8Array;
}

/** What a runtime says of itself, for `serving-engine doctor` and load errors. */
export interface RuntimeDescription {
  readonly name: string;
  /** The native library's version, such as `2.21.0`. */
  readonly libraryVersion: string;
  readonly libraryPath: string;
  readonly devices: readonly string[];
}

/**
 * Loads SavedModels. Every method may be called at any time, in any number at once, and leaves the event loop free.
 * Whatever fails rejects with a `ServingError` that carries the library's own code and message.
 */
export interface SavedModelRuntime {
  readonly name: string;
  /**
   * Tells the options that sessions will have, before the first of them: what is the process's, such as TensorFlow's
   * pools, is made with these, whatever comes first. `savedModelPlatform` calls it.
   */
  configure?(session: SessionOptions): void;
  /** What it runs on. Makes the library ready where it isn't yet, and rejects with the reason when that fails. */
  describe(): Promise<RuntimeDescription>;
  /**
   * Loads the meta graph of `directory` whose tag set equals `tags`, restores its variables and runs its initializer.
   * The files need not stay once this resolves.
   */
  load(directory: string, tags: readonly string[], options: SessionOptions): Promise<Session>;
  /** The memory that a loaded model is expected to take: 1.2 × the size of its files. */
  estimateBytes(directory: string): Promise<number>;
  /** Releases what the runtime itself holds, after its sessions are closed. */
  close?(): Promise<void>;
}

/** What one run may be told. */
export interface SessionRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds on the clock of `performance.now()` after which the run is given up with `DEADLINE_EXCEEDED`. */
  readonly deadline?: number | undefined;
  /** Where both are watched already. */
  readonly limits?: RunLimits | undefined;
}

/** A loaded SavedModel. The caller owns it and closes it. */
export interface Session {
  /** The engine that runs it. Default: its runtime's name. */
  readonly engine?: string | undefined;
  /** The slots of its engine, where runs on threads wait. Default: as many as come run at once. */
  readonly slots?: SlotsView | undefined;
  /**
   * Names of signatures whose requests must run one by one, since rows of a batch would change each other's results. Default: the engine
   * does not know any.
   */
  readonly unbatchedSignatures?: ReadonlySet<string> | undefined;
  /**
   * Looks the tensors up once (names such as `x:0`), for any number of runs.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT` for a name that is not in the graph.
   */
  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun;
  /** Waits for runs in flight, then frees the model. Later runs reject with `FAILED_PRECONDITION`. May be called twice. */
  close(): Promise<void>;
}

/** A choice of feeds and fetches of a session. */
export interface PreparedRun {
  /**
   * Runs the graph: one value per feed, in order, to one result per fetch, in order. A runtime that knows the run to take
   * microseconds returns the results; any other a promise. Values must not change until it settles; results are the
   * caller's. Runs may overlap. When `signal` aborts or the deadline passes the promise rejects at once; the native run
   * finishes by itself and its results are freed.
   *
   * @throws ServingError what a promise rejects with, too
   */
  run(values: readonly Tensor[], options?: SessionRunOptions): Tensor[] | Promise<Tensor[]>;
}
