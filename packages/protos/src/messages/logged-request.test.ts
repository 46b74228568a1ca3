import { CLASSIFY_METHOD_NAME, type LogMetadata, type PredictionLog, REGRESS_METHOD_NAME } from '@serving/core/extend';
import { createTensor, StringArray } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { decodeMultiInferenceRequest } from './inference.js';
import { decodeExamplesRequest } from './input.js';
import { encodeLoggedRequest } from './logged-request.js';
import { decodeMessage } from './message.js';
import { decodePredictRequestMessage, decodePredictResponseMessage } from './predict.js';
import { decodePredictionLog } from './prediction-log.js';

const logMetadata: LogMetadata = {
  modelSpec: { name: 'm', version: 3, signatureName: 's' },
  samplingConfig: { samplingRate: 0.25, attributes: 2 },
  savedModelTags: ['serve', 'gpu'],
  timestampSecs: 1_700_000_000,
  dc: 'eu',
};
const answered = { name: 'm', version: { value: 3n }, signatureName: 's' };
const input = {
  examples: [new Map([['x', { kind: 'float', values: Float32Array.of(2) } as const]]), new Map()],
  context: new Map([['x', { kind: 'float', values: Float32Array.of(5) } as const]]),
};
const merged = [2, 5].map((value) => new Map([['x', { kind: 'float', values: Float32Array.of(value) }]]));

/** As protobufjs reads the bytes, and as this package does. */
function encode(log: PredictionLog) {
  const bytes = encodeLoggedRequest(log);
  return { message: decodeMessage('tensorflow.serving.PredictionLog', bytes), log: decodePredictionLog(bytes)! };
}

describe('encodeLoggedRequest', () => {
  it('writes tensors of a predict, and metadata', () => {
    const x = createTensor('float', [2], Float32Array.of(1, 2));
    const y = createTensor('string', [1], StringArray.from(['ü']));
    const { message, log } = encode({
      api: 'Predict',
      request: { inputs: { x, y }, outputFilter: ['z'] },
      response: { outputs: { z: x } },
      logMetadata,
    });
    expect(message.logMetadata).toEqual({
      modelSpec: answered,
      samplingConfig: { samplingRate: 0.25, attributes: 2 },
      savedModelTags: ['serve', 'gpu'],
      timestampSecs: 1_700_000_000n,
      dc: 'eu',
    });
    expect(message.predictLog).toMatchObject({
      request: { modelSpec: { name: 'm', signatureName: 's' }, outputFilter: ['z'] },
      response: { modelSpec: answered },
    });
    expect(message.predictLog?.request?.modelSpec).not.toHaveProperty('version');
    expect(log).toMatchObject({ type: 'predict', fieldNumber: 6, logMetadata: message.logMetadata });
    const request = decodePredictRequestMessage(log.request);
    expect([request.inputs.x!.toTensor('x'), request.inputs.y!.toTensor('y')]).toEqual([x, y]);
    expect(decodePredictResponseMessage(log.response!).outputs.z!.toTensor('z')).toEqual(x);
  });

  it('leaves out what is not known', () => {
    const { message } = encode({
      api: 'Predict',
      request: { inputs: {}, outputFilter: [] },
      response: { outputs: {} },
      logMetadata: {
        modelSpec: { name: 'm', version: 3 },
        samplingConfig: { samplingRate: 1, attributes: 0 },
        savedModelTags: [],
        timestampSecs: 1,
      },
    });
    expect(message.logMetadata).not.toHaveProperty('dc');
    expect(message.logMetadata?.modelSpec).toEqual({ name: 'm', version: { value: 3n } });
  });

  it('writes examples of a classify and its classes', () => {
    const { message, log } = encode({
      api: 'Classify',
      request: { input },
      response: { batchSize: 2, numClasses: 1, labels: StringArray.from(['a', 'b']), scores: Float32Array.of(0.5, 1) },
      logMetadata,
    });
    expect(message.classifyLog?.response).toEqual({
      modelSpec: answered,
      result: {
        classifications: [{ classes: [{ label: 'a', score: 0.5 }] }, { classes: [{ label: 'b', score: 1 }] }],
      },
    });
    expect(log.type).toBe('classify');
    expect(decodeExamplesRequest(log.request)).toEqual({
      modelSpec: { name: 'm', signatureName: 's' },
      input: { examples: merged },
    });
  });

  it('writes examples of a regress and its values', () => {
    const { message, log } = encode({
      api: 'Regress',
      request: { input },
      response: { values: Float32Array.of(4, 8) },
      logMetadata,
    });
    expect(message.regressLog?.response).toEqual({
      modelSpec: answered,
      result: { regressions: [{ value: 4 }, { value: 8 }] },
    });
    expect(log.type).toBe('regress');
    expect(decodeExamplesRequest(log.request).input).toEqual({ examples: merged });
  });

  it('writes the tasks of a multi-inference and what each said', () => {
    const { message, log } = encode({
      api: 'MultiInference',
      request: {
        tasks: [
          { model: 'm', methodName: CLASSIFY_METHOD_NAME },
          { model: 'm', methodName: REGRESS_METHOD_NAME, signatureName: 'r' },
        ],
        input,
      },
      response: [
        { signatureName: 'serving_default', classification: { batchSize: 1, numClasses: 0 } },
        { signatureName: 'r', regression: { values: Float32Array.of(4) } },
      ],
      logMetadata: { ...logMetadata, modelSpec: { name: 'm', version: 3 } },
    });
    expect(message.multiInferenceLog?.response?.results).toMatchObject([
      { modelSpec: { ...answered, signatureName: 'serving_default' }, classificationResult: {} },
      { modelSpec: { ...answered, signatureName: 'r' }, regressionResult: { regressions: [{ value: 4 }] } },
    ]);
    expect(decodeMultiInferenceRequest(log.request)).toEqual({
      tasks: [
        { modelSpec: { name: 'm', signatureName: '' }, methodName: CLASSIFY_METHOD_NAME },
        { modelSpec: { name: 'm', signatureName: 'r' }, methodName: REGRESS_METHOD_NAME },
      ],
      input: { examples: merged },
    });
  });
});
