/** What the sessions of one runtime share. */
import type { Clock } from '@serving/core/extend';
import type { DeadlineTimer } from '@serving/core/internal';
import type { RunMode, RunSlots } from '@serving/engine';
import type { Address } from '@serving/engine/native';
import type { TensorFlowApi } from '../native/c-api.js';
import type { NativeTensors } from '../native/native-tensor.js';
import type { TensorDisposal } from '../native/tensor-disposal.js';

/** Made by the runtime when its library is loaded; lives as long as the runtime. */
export interface RuntimeContext {
  readonly api: TensorFlowApi;
  readonly tensors: NativeTensors;
  readonly disposal: TensorDisposal;
  readonly slots: RunSlots;
  readonly clock: Clock;
  readonly deadlines: DeadlineTimer;
  readonly runMode: RunMode;
  /** Serialized `RunOptions` of every run; 0 for TensorFlow's defaults. */
  readonly runOptions: Address;
}
