/** What executes a SavedModel's graph: libtensorflow, tfjs-node, or another library that implements these three interfaces. */
import type { Transferable } from 'node:worker_threads';
import type { ServableId, ServingError } from '@serving/core';
import type { RunLimits, SlotsView } from '@serving/core/extend';
import type { Tensor } from '@serving/core/tensor';

/** How sessions of a runtime run. The numbers are those of TensorFlow's ConfigProto. */
export interface SessionOptions {
  /**
   * Threads within one kernel. Default: 0, one for models whose kernels are small ({@link LoadedFor.hasSmallKernels}), and what TensorFlow chooses
   * for others, in a pool per session. Where the first session of a process sets a number, TensorFlow has one such pool for the process: a
   * later session with another number gets that pool, and a process warning.
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

/** Describes a runtime, for `serving-engine doctor` and load errors. */
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
   * Sets the options of later sessions, before the first of them. What the process has once, such as TensorFlow's pools, is made with
   * these. `savedModelPlatform` calls it.
   */
  configure?(session: SessionOptions): void;
  /** What it runs on. Makes the library ready where it isn't yet, and rejects with the reason when that fails. */
  describe(): Promise<RuntimeDescription>;
  /**
   * Loads the meta graph of `directory` whose tag set equals `tags`, restores its variables and runs its initializer.
   * The files need not stay once this resolves.
   */
  load(directory: string, tags: readonly string[], options: SessionOptions, loadedFor?: LoadedFor): Promise<Session>;
  /** The memory that a loaded model is expected to take: 1.2 × the size of its files. */
  estimateBytes(directory: string): Promise<number>;
  /** Whether its sessions can be run by other threads too ({@link Session.share}). Default: false. */
  readonly sharesSessions?: boolean;
  /** How another process makes an engine like this one. Absent: its models can't be isolated. */
  source?(): Promise<EngineSource>;
  /** Releases what the runtime itself holds, after its sessions are closed. */
  close?(): Promise<void>;
}

/** How another process makes an engine. Plain data. */
export interface EngineSource {
  /** URL of a module in JavaScript. */
  readonly module: string;
  /** The function of the module that takes the options and returns a `SavedModelRuntime`. */
  readonly factory: string;
  /** As JSON has it. */
  readonly options: object;
  /**
   * URL of the program that the process runs, with which `module` may share code: a bundle of both starts sooner. Default: that of this
   * package.
   */
  readonly program?: string;
}

/** Which version a session is loaded for, and what is known of it. */
export interface LoadedFor {
  /** For errors, events and process lists. */
  readonly id?: ServableId;
  /** Aborted when the version is no longer wanted. */
  readonly signal?: AbortSignal;
  /** Called once at most, when the session has ended for good by itself: later runs reject with this error. */
  readonly onEnded?: (error: ServingError) => void;
  /**
   * Called each time that the engine has loaded the model again by itself, before that load takes the runs of others, with a session on
   * it that is closed afterwards. A rejection fails that load.
   */
  readonly warmUpAgain?: (session: Session) => Promise<unknown>;
  /**
   * Whether its kernels are so short that threads within them would cost its runs more than they give. TensorFlow then runs them on one thread
   * unless `intraOpThreads` is set. Default: false.
   */
  readonly hasSmallKernels?: boolean;
  /** Whether the process runs this model for another process, and serves nothing else: runs may block its event loop. Default: false. */
  readonly hasOwnProcess?: boolean;
}

/** The options of one run. */
export interface SessionRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds on the clock of `performance.now()` after which the run is given up with `DEADLINE_EXCEEDED`. */
  readonly deadline?: number | undefined;
  /** Where both are watched already. */
  readonly limits?: RunLimits | undefined;
  /** Whether a process ended while it ran with others, so that it should run with no other at the same time. Default: false. */
  readonly isSuspect?: boolean | undefined;
  /** How many requests share the run; default 1. See `RunOptions` of `@serving/core/extend`. */
  readonly requests?: number | undefined;
}

/** A loaded model for another thread: plain data, which is cloned, and the module that makes a session of it. */
export interface SharedSession {
  /** URL of a module that exports {@link SharedSessionModule}. */
  readonly module: string;
  readonly data: unknown;
  /** What `data` holds that goes over to the other thread. Default: all is cloned. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** The exports of the module. */
export interface SharedSessionModule {
  /** A session of this thread's on a model that another thread holds. Its `close` waits for its own runs and leaves the model alone. */
  openSharedSession(data: unknown): Promise<Session> | Session;
}

/** A loaded SavedModel. The caller owns it and closes it. */
export interface Session {
  /** The engine that runs it. Default: its runtime's name. */
  readonly engine?: string | undefined;
  /** The version of the engine's library. Default: unknown. */
  readonly libraryVersion?: string | undefined;
  /** The slots of its engine, where runs on threads wait. Default: as many as come run at once. */
  readonly slots?: SlotsView | undefined;
  /**
   * Names of signatures whose requests must run one by one, since rows of a batch would change each other's results. Default:
   * none.
   */
  readonly unbatchedSignatures?: ReadonlySet<string> | undefined;
  /**
   * Finds the tensors once (names such as `x:0`), for any number of runs.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT` for a name that is not in the graph.
   */
  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun;
  /**
   * Describes the session for one more thread, which runs the model too until {@link Session.close}: it is closed before. `undefined`, or
   * absent: only this thread can run it.
   */
  share?(): SharedSession | undefined;
  /** Waits for runs in flight, then frees the model. Later runs reject with `FAILED_PRECONDITION`. May be called twice. */
  close(): Promise<void>;
}

/** A choice of feeds and fetches of a session. */
export interface PreparedRun {
  /**
   * Runs the graph: one value per feed, in order, to one result per fetch, in order. A runtime whose run is known to take
   * microseconds returns the results; any other a promise. Values must not change until it settles; results are the
   * caller's. Runs may overlap. When `signal` aborts or the deadline passes the promise rejects at once; the native run
   * finishes by itself and its results are freed.
   *
   * @throws ServingError what a promise rejects with, too
   */
  run(values: readonly Tensor[], options?: SessionRunOptions): Tensor[] | Promise<Tensor[]>;
}
