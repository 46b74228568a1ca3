/** One ONNX model as a session. */
import { builtModuleUrl } from '@serving/core/internal';
import type { Session } from '@serving/engine';
import type { OnnxContext } from '../session/onnx-context.js';
import type { OnnxModel } from '../session/onnx-model.js';

/** Its tensors are the model's inputs and outputs. */
export function modelSession(model: OnnxModel, context: OnnxContext): Session {
  return {
    engine: 'onnx',
    libraryVersion: context.api.version,
    slots: context.slots,
    prepare: (feeds, fetches) => model.prepare(feeds, fetches),
    share: () => ({
      module: builtModuleUrl('./shared-model-session.js', import.meta.url),
      data: { context: context.share(), session: model.address },
    }),
    close: () => model.close(),
  };
}
