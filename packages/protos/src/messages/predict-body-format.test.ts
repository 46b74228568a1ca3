import type { ModelSpec } from '@serving/core';
import type { PredictBodyRequest, Signature, TensorSpec } from '@serving/core/extend';
import { createTensor, type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from './message.js';
import { decodePredictResponseMessage, encodePredictRequestMessage } from './predict.js';
import { createProtobufPredictFormat, protobufPredictFormat } from './predict-body-format.js';

const named = (tensors: Record<string, Tensor>): NamedTensors => Object.assign(Object.create(null), tensors);
const float = (value: number): Tensor => createTensor('float', [1], Float32Array.of(value));
const spec = (name: string): [string, TensorSpec] => [name, { name, dtype: 'float', shape: [-1] }];
const signature: Signature = {
  name: 's',
  methodName: '',
  inputs: new Map([spec('x'), spec('by')]),
  outputs: new Map([spec('y'), spec('z')]),
  defaults: new Map([['by', float(7)]]),
};

function requestFor(model: ModelSpec, asked: (string | undefined)[] = []): PredictBodyRequest {
  return {
    model,
    header: () => undefined,
    resolve(signatureName) {
      asked.push(signatureName);
      return { servableId: { name: 'm', version: 3 }, signature };
    },
  };
}

const inputs = named({ x: float(1) });
const body = (modelSpec: object, more: object = {}, asTensorContent = false): Uint8Array =>
  encodePredictRequestMessage(
    { modelSpec: { name: '', signatureName: '', ...modelSpec }, inputs, ...more },
    { asTensorContent },
  );
const response = {
  model: 'm',
  version: 3,
  signatureName: 's',
  outputs: named({ y: float(2), z: createTensor('string', [1], StringArray.from(['a'])) }),
};

describe('protobufPredictFormat', () => {
  it('takes signature, inputs with their defaults and outputs from the message', () => {
    const asked: (string | undefined)[] = [];
    const message = body({ signatureName: 's' }, { outputFilter: ['z', 'y'] });
    const decoded = protobufPredictFormat.decode(message, requestFor({ model: 'm' }, asked));
    expect(asked).toEqual(['s']);
    expect(decoded).toMatchObject({ signature, outputFilter: ['z', 'y'] });
    expect(decoded.inputs).toEqual(named({ x: float(1), by: float(7) }));
  });

  it.each([true, false])('writes tensor_content where the request did: %s', (asTensorContent) => {
    const { encode } = protobufPredictFormat.decode(body({}, {}, asTensorContent), requestFor({ model: 'm' }));
    const { outputs } = decodePredictResponseMessage(encode!(response).body);
    expect(outputs.y!.hasContent).toBe(asTensorContent);
    expect(outputs.y!.toTensor('y')).toEqual(float(2));
  });

  it('answers requests of other forms with tensor_content, and tells what answered', () => {
    const { modelSpec, outputs } = decodePredictResponseMessage(protobufPredictFormat.encode(response).body);
    expect(modelSpec).toEqual({ name: 'm', version: 3, signatureName: 's' });
    expect([outputs.y!.hasContent, outputs.z!.toTensor('z').data.length]).toEqual([true, 1]);
  });

  it.each<[object, ModelSpec, string | undefined]>([
    [{}, { model: 'm' }, undefined],
    [{ name: 'm' }, { model: 'm' }, undefined],
    [{ version: 3n }, { model: 'm' }, undefined],
    [{ version: 3n }, { model: 'm', label: 'stable' }, undefined],
    [{ versionLabel: 'stable' }, { model: 'm', label: 'stable' }, undefined],
    [{ name: 'n' }, { model: 'm' }, 'model_spec asks for model n, but the path means model m'],
    [{ version: 2n }, { model: 'm' }, 'model_spec asks for version 2, but the path means version 3'],
    [{ version: 2n ** 62n }, { model: 'm' }, 'asks for version 4611686018427387904, but the path means version 3'],
    [{ versionLabel: 'new' }, { model: 'm', label: 'stable' }, 'asks for label new, but the path means label stable'],
    [{ versionLabel: 'stable' }, { model: 'm' }, 'asks for label stable, but the path means no label'],
    [{ versionLabel: 'stable' }, { model: 'm', version: 3 }, 'asks for label stable, but the path means no label'],
  ])('with the model_spec %o for the path %o: %s', (modelSpec, model, problem) => {
    const decode = () => protobufPredictFormat.decode(body(modelSpec), requestFor(model));
    if (problem === undefined) expect(decode().signature).toBe(signature);
    else
      expect(decode).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(problem) }),
      );
  });

  it.each<[string, Uint8Array, string]>([
    ['no message', Uint8Array.of(10, 200), 'The body is not a PredictRequest ('],
    ['no such input', body({}, { inputs: named({ q: float(1) }) }), 'Sent extra: {q}. Missing but required: {x}.'],
    [
      'another data type',
      body({}, { inputs: named({ x: createTensor('int32', [1], Int32Array.of(1)) }) }),
      'input x: expected float, got int32',
    ],
    ['no such output', body({}, { outputFilter: ['q'] }), 'output tensor alias not found in signature: q'],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => protobufPredictFormat.decode(bytes, requestFor({ model: 'm' }));
    expect(decode).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [4, 'a tensor'],
    [3, 'tensor parsing error: x (shape [2] has 4 bytes of values that the message does not hold'],
  ])('fills in up to %i bytes: %s', (maxFilledBytes, outcome) => {
    const x = { dtype: 1, tensorShape: { dim: [{ size: 2n }] }, floatVal: [1] };
    const bytes = encodeMessage('tensorflow.serving.PredictRequest', { inputs: [{ key: 'x', value: x }] });
    const format = createProtobufPredictFormat({ maxFilledBytes });
    const decode = () => format.decode(bytes, requestFor({ model: 'm' })) && 'a tensor';
    if (outcome === 'a tensor') expect(decode()).toBe(outcome);
    else expect(decode).toThrow(outcome);
  });
});
