/** How a loaded version is described for a thread that did not load it. */
import type { Transferable } from 'node:worker_threads';
import type { InferenceServable } from '../servable/inference-servable.js';

/** Plain data, which is cloned, and the module that makes a servable of it. */
export interface SharedServable {
  /** URL of a module that exports {@link SharedServableModule}. */
  readonly module: string;
  readonly data: unknown;
  /** What `data` holds that goes over to the other thread, such as a `MessagePort`. Default: all is cloned. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** The exports of the module. */
export interface SharedServableModule {
  /** Opens what another thread has loaded and still holds. Called once per thread. */
  openSharedServable(data: unknown): Promise<OpenedServable> | OpenedServable;
}

/** A shared servable as one thread uses it. */
export interface OpenedServable {
  readonly servable: InferenceServable;
  /** Waits for this thread's runs, then frees what is this thread's alone. Called before the version is unloaded. */
  close(): Promise<void>;
}
