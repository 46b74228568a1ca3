/** What the models of one runtime share. */
import type { RunSlots } from '@serving/engine';
import type { NativeDisposal, NativeRuns } from '@serving/engine/native';
import type { OnnxRuntimeApi } from '../native/c-api.js';
import type { OutputReader } from '../native/output-reader.js';

/** Made by the runtime when its library is loaded; lives as long as the runtime. */
export interface OnnxContext {
  readonly runs: NativeRuns;
  readonly api: OnnxRuntimeApi;
  /** The library's file. */
  readonly path: string;
  readonly outputs: OutputReader;
  readonly disposal: NativeDisposal;
  readonly slots: RunSlots;
}
