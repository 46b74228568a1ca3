/** Sessions on one ONNX model that another thread has loaded. Loaded by its URL in serving threads. */
import type { SharedSessionModule } from '@serving/engine';
import type { Address } from '@serving/engine/native';
import { sharedOnnxContext } from '../open-onnx-context.js';
import type { SharedOnnxContext } from '../session/onnx-context.js';
import { OnnxModel } from '../session/onnx-model.js';
import { modelSession } from './model-session.js';

/** A model by its address, which is the process's. */
interface SharedModelSession {
  readonly context: SharedOnnxContext;
  readonly session: Address;
}

export const openSharedSession: SharedSessionModule['openSharedSession'] = async (data) => {
  const { context: shared, session } = data as SharedModelSession;
  const context = await sharedOnnxContext(shared);
  return modelSession(OnnxModel.ofShared(context, session), context);
};
