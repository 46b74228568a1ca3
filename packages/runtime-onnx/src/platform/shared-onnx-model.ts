/** ONNX models that another thread has loaded. Loaded by its URL in serving threads. */
import type { SharedServableModule } from '@serving/core/extend';
import type { SharedSessionModule } from '@serving/engine';
import { OnnxServable, type SharedOnnxModel } from './onnx-servable.js';

export const openSharedServable: SharedServableModule['openSharedServable'] = async (data) => {
  const { session: shared, signature } = data as SharedOnnxModel;
  const { openSharedSession } = (await import(shared.module)) as SharedSessionModule;
  const servable = new OnnxServable(await openSharedSession(shared.data), signature);
  return { servable, close: () => servable.close() };
};
