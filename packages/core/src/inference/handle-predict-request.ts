/** Predict in process: finds the version, converts the inputs and names both in errors about them. */
import type { Clock } from '../clock.js';
import type { RequestTrace } from '../diagnostics/request-trace.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { PredictRequest, PredictResponse } from '../messages/predict.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { DEFAULT_SIGNATURE_NAME } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import { toTensor } from '../tensor/to-tensor.js';
import { checkOutputFilter, toNamedTensors } from './predict-inputs.js';
import { checkPredictKeys } from './request-keys.js';
import type { SignatureRunner } from './run-examples.js';
import { toRunOptions } from './run-limits.js';
import { runPredict, runPredictNow } from './run-predict.js';

/** A `ModelServer` is one. */
interface PredictServer extends SignatureRunner {
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
}

/** @throws ServingError see `ModelServer.predict`. */
export async function answerPredictRequest(
  server: PredictServer,
  request: PredictRequest,
  clock: Pick<Clock, 'now'>,
  trace?: RequestTrace,
): Promise<PredictResponse> {
  trace?.enter('decode');
  checkPredictKeys(request);
  const handle = server.getServableHandle(request);
  try {
    const signatureName = request.signatureName || DEFAULT_SIGNATURE_NAME;
    const signature = handle.servable.signatures.get(signatureName);
    if (!signature) {
      throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${signatureName}" not found.`);
    }
    let inputs: NamedTensors;
    try {
      inputs = toNamedTensors(request.inputs, signature, toTensor);
      if (request.outputFilter) checkOutputFilter(request.outputFilter, signature);
    } catch (error) {
      const { name, version } = handle.id;
      throw ServingError.from(error).prefixed(`Model ${name} version ${version}, signature "${signatureName}": `);
    }
    if (trace !== undefined) {
      trace.found(handle.id, signatureName);
      trace.enter('run');
    }
    const outputs =
      (request.signal?.aborted ? undefined : runPredictNow(server, handle, signature, inputs, request.outputFilter)) ??
      (await runPredict(server, handle, signature, inputs, toRunOptions(request, clock, trace)));
    return { modelSpec: { name: handle.id.name, version: handle.id.version, signatureName }, outputs };
  } finally {
    handle.release();
  }
}
