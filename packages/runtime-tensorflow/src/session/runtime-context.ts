/** What the sessions of one runtime share. */
import type { RunMode, RunSlots, SharedSlots } from '@serving/engine';
import type { Address, NativeDisposal, NativeRuns } from '@serving/engine/native';
import type { TensorFlowApi } from '../native/c-api.js';
import type { NativeTensors } from '../native/native-tensor.js';

/** Made by the runtime when its library is loaded; is kept as long as the runtime. */
export interface RuntimeContext {
  readonly runs: NativeRuns;
  readonly api: TensorFlowApi;
  readonly tensors: NativeTensors;
  readonly disposal: NativeDisposal;
  readonly slots: RunSlots;
  /** Serialized `RunOptions` of every run; 0 for TensorFlow's defaults. */
  readonly runOptions: Address;
  /** How other threads make a context of this one. */
  share(): SharedRuntime;
}

/** A {@link RuntimeContext} for other threads, as plain data. */
export interface SharedRuntime extends RuntimeContextOptions {
  /** The same for all sessions of a runtime, and of no other in the process. */
  readonly id: string;
  readonly slots: SharedSlots;
}

/** What a context is made of. */
export interface RuntimeContextOptions {
  /** TensorFlow's library. */
  readonly path: string;
  readonly logs: boolean;
  readonly runMode: RunMode;
  readonly interOpThreadPool: 'caller' | 'shared';
}
