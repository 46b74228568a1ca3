/** A request that a model server has logged, as a PredictionLog. */
import type { LogMetadata, PredictionLog } from '@serving/core/extend';
import type { Messages } from '../gen/messages.js';
import {
  encodeClassificationResponseMessage,
  encodeMultiInferenceResponse,
  encodeRegressionResponseMessage,
} from './example-results.js';
import { encodePredictRequestMessage, encodePredictResponseMessage } from './predict.js';
import {
  encodeExamplesRequest,
  encodeMultiInferenceRequest,
  encodePredictionLog,
  type PredictionLogMessage,
} from './prediction-log.js';

const asContent = { asTensorContent: true };

/**
 * The bytes of the PredictionLog. Requests name model and signature, responses and metadata the version too; numbers of tensors are in
 * `tensor_content`, and a context of examples is merged into them.
 */
export function encodeLoggedRequest(log: PredictionLog): Uint8Array {
  return encodePredictionLog({ ...requestAndResponse(log), logMetadata: toMessage(log.logMetadata) });
}

function requestAndResponse(log: PredictionLog): Pick<PredictionLogMessage, 'type' | 'request' | 'response'> {
  const answering = log.logMetadata.modelSpec;
  const { name, signatureName = '' } = answering;
  const modelSpec = { name, signatureName };
  switch (log.api) {
    case 'Predict': {
      const { inputs, outputFilter } = log.request;
      return {
        type: 'predict',
        request: encodePredictRequestMessage({ modelSpec, inputs, outputFilter }, asContent),
        response: encodePredictResponseMessage({ modelSpec: answering, outputs: log.response.outputs }, asContent),
      };
    }
    case 'Classify':
      return {
        type: 'classify',
        request: encodeExamplesRequest({ modelSpec, input: log.request.input }),
        response: encodeClassificationResponseMessage(answering, log.response),
      };
    case 'Regress':
      return {
        type: 'regress',
        request: encodeExamplesRequest({ modelSpec, input: log.request.input }),
        response: encodeRegressionResponseMessage(answering, log.response),
      };
    case 'MultiInference': {
      const { input } = log.request;
      const tasks = log.request.tasks.map((task) => ({
        modelSpec: { name, signatureName: task.signatureName ?? '' },
        methodName: task.methodName,
      }));
      return {
        type: 'multiInference',
        request: encodeMultiInferenceRequest({ tasks, input }),
        response: encodeMultiInferenceResponse(answering, log.response),
      };
    }
  }
}

function toMessage({
  modelSpec: { name, version, signatureName },
  timestampSecs,
  ...metadata
}: LogMetadata): Messages['tensorflow.serving.LogMetadata'] {
  return {
    ...metadata,
    modelSpec: { name, version: { value: BigInt(version) }, ...(signatureName && { signatureName }) },
    timestampSecs: BigInt(timestampSecs),
  };
}
