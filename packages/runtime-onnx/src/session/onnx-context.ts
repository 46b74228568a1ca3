/** What the models of one runtime share. */
import type { RunMode, RunSlots, SharedSlots } from '@serving/engine';
import type { NativeDisposal, NativeRuns } from '@serving/engine/native';
import type { OnnxRuntimeApi } from '../native/c-api.js';
import type { OutputReader } from '../native/output-reader.js';

/** Made by the runtime when its library is loaded; is kept as long as the runtime. */
export interface OnnxContext {
  readonly runs: NativeRuns;
  readonly api: OnnxRuntimeApi;
  /** The library's file. */
  readonly path: string;
  readonly outputs: OutputReader;
  readonly disposal: NativeDisposal;
  readonly slots: RunSlots;
  /** How other threads make a context of this one. */
  share(): SharedOnnxContext;
}

/** What a context is made of. */
export interface OnnxContextOptions {
  /** The library's file. */
  readonly path: string;
  readonly logs: boolean;
  readonly runMode: RunMode;
}

/** An {@link OnnxContext} for other threads, as plain data. */
export interface SharedOnnxContext extends OnnxContextOptions {
  /** The same for all models of a context, and of no other in the process. */
  readonly id: string;
  readonly slots: SharedSlots;
}
