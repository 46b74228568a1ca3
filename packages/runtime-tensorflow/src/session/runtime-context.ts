/** What the sessions of one runtime share. */
import type { RunSlots } from '@serving/engine';
import type { Address, NativeDisposal, NativeRuns } from '@serving/engine/native';
import type { TensorFlowApi } from '../native/c-api.js';
import type { NativeTensors } from '../native/native-tensor.js';

/** Made by the runtime when its library is loaded; lives as long as the runtime. */
export interface RuntimeContext {
  readonly runs: NativeRuns;
  readonly api: TensorFlowApi;
  readonly tensors: NativeTensors;
  readonly disposal: NativeDisposal;
  readonly slots: RunSlots;
  /** Serialized `RunOptions` of every run; 0 for TensorFlow's defaults. */
  readonly runOptions: Address;
}
