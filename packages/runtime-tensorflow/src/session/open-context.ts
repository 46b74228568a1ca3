/** Makes what the sessions of a runtime share in one thread. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@serving/core/extend';
import type { RunSlots } from '@serving/engine';
import { NativeDisposal, NativeRuns, threadUsage, useHandlerStack } from '@serving/engine/native';
import { loadTensorFlowApi } from '../native/c-api.js';
import { NativeTensors } from '../native/native-tensor.js';
import type { RuntimeContext, RuntimeContextOptions } from './runtime-context.js';

/** Loads the library, where this thread has not. @throws ServingError `FAILED_PRECONDITION` when it can't be loaded */
export async function openRuntimeContext(
  options: RuntimeContextOptions,
  slots: RunSlots,
  clock: Clock,
): Promise<RuntimeContext> {
  const { path, logs, runMode, interOpThreadPool } = options;
  const api = await loadTensorFlowApi(path, logs);
  useHandlerStack(api.libc);
  const id = randomUUID();
  return {
    api,
    tensors: new NativeTensors(api),
    disposal: new NativeDisposal(api.deleteTensors),
    slots,
    runs: new NativeRuns(clock, runMode, threadUsage(api.libc)),
    runOptions: interOpThreadPool === 'caller' ? api.callerThreadRunOptions : 0,
    share: () => ({ ...options, id, slots: slots.share() }),
  };
}
