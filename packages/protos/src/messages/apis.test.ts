import { type ExampleInput, toVersion } from '@serving/core/extend';
import { createTensor, dataTypeInfo, StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeClassificationResponseMessage,
  encodeMultiInferenceResponse,
  encodeRegressionResponseMessage,
} from './example-results.js';
import { decodeGetModelMetadataRequest, encodeGetModelMetadataResponse } from './get-model-metadata.js';
import { decodeGetModelStatusRequest, encodeGetModelStatusResponse } from './get-model-status.js';
import { decodeMultiInferenceRequest } from './inference.js';
import { decodeExamplesRequest } from './input.js';
import { decodeMessage, encodeMessage } from './message.js';
import { decodeModelSpec } from './model-spec.js';
import {
  decodePredictRequestMessage,
  decodePredictResponseMessage,
  encodePredictRequestMessage,
  encodePredictResponseMessage,
} from './predict.js';
import { decodeReloadConfigRequest } from './reload-config.js';

const model = { name: 'm', version: 3, signatureName: 's' };
const spec = { name: 'm', signatureName: 's', version: 3 };
const modelMessage = { name: 'm', version: { value: 3n }, signatureName: 's' };

describe('decodeModelSpec', () => {
  it.each([
    ['nothing', {}, { name: '', signatureName: '' }],
    ['names', { name: 'm', signatureName: 's' }, { name: 'm', signatureName: 's' }],
    ['version 0', { version: {} }, { name: '', signatureName: '', version: 0 }],
    [
      'a negative version',
      { version: { value: -(2n ** 63n) } },
      { name: '', signatureName: '', version: -(2n ** 63n) },
    ],
    ['an empty label', { versionLabel: '' }, { name: '', signatureName: '', versionLabel: '' }],
  ])('reads %s', (_, message, expected) => {
    expect(decodeModelSpec(encodeMessage('tensorflow.serving.ModelSpec', message))).toEqual(expected);
  });
});

describe('PredictRequest and PredictResponse', () => {
  const tensor = createTensor('float', [2], Float32Array.of(1, 2));
  const text = createTensor('string', [1], StringArray.from(['ü']));

  it('survives being written and read', () => {
    const versions = fc
      .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 2n ** 33n }))
      .map((version) => toVersion(version)!);
    const aliases = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
    const spec = fc.record(
      { name: fc.string(), signatureName: fc.string(), version: versions },
      { requiredKeys: ['name', 'signatureName'] },
    );
    fc.assert(
      fc.property(spec, aliases, aliases, fc.boolean(), (modelSpec, names, outputFilter, asTensorContent) => {
        const inputs = Object.assign(Object.create(null), Object.fromEntries(names.map((name) => [name, tensor])));
        const bytes = encodePredictRequestMessage({ modelSpec, inputs, outputFilter }, { asTensorContent });
        const request = decodePredictRequestMessage(bytes);
        expect(request.modelSpec).toEqual(modelSpec);
        expect(request.outputFilter).toEqual(outputFilter);
        expect(Object.keys(request.inputs).sort()).toEqual([...names].sort());
        for (const name of names) expect(request.inputs[name]!.toTensor(name)).toEqual(tensor);
      }),
    );
  });

  it.each([
    ['float', false],
    ['float', true],
    ['double', true],
    ['complex128', true],
    ['int64', true],
  ] as const)('moves long values of %s into place where it may (as content: %s)', (dtype, asTensorContent) => {
    const { array, width } = dataTypeInfo(dtype);
    const length = 5000;
    const values = new array!(length * width);
    for (let i = 0; i < values.length; i++) values[i] = (dtype === 'int64' ? BigInt(i) : i) as never;
    const inputs = {
      a: createTensor(dtype, [length], values as never),
      b: createTensor(dtype, [length], values as never),
      c: tensor,
    };
    const encoded = encodePredictRequestMessage({ modelSpec: spec, inputs, outputFilter: ['o'] }, { asTensorContent });
    for (let offset = 0; offset < 8; offset++) {
      const buffer = new Uint8Array(encoded.length + offset);
      buffer.set(encoded, offset);
      const request = decodePredictRequestMessage(buffer.subarray(offset), { mayOverwrite: true });
      // Twice: values that were moved are found again.
      for (const alias of ['a', 'b', 'c', 'a'] as const) {
        expect(request.inputs[alias]!.toTensor(alias)).toEqual(inputs[alias]);
      }
      expect((request.inputs.a!.toTensor('a').data as Float32Array).buffer).toBe(buffer.buffer);
      expect(request).toMatchObject({ modelSpec: spec, outputFilter: ['o'] });
    }
  });

  it('is read by protobufjs', () => {
    const bytes = encodePredictResponseMessage({ modelSpec: model, outputs: { y: tensor, t: text } });
    expect(decodeMessage('tensorflow.serving.PredictResponse', bytes)).toMatchObject({
      modelSpec: modelMessage,
      outputs: [
        { key: 'y', value: { dtype: 1, floatVal: [1, 2] } },
        { key: 't', value: { dtype: 7, stringVal: [Uint8Array.of(0xc3, 0xbc)] } },
      ],
    });
    const response = decodePredictResponseMessage(bytes);
    expect(response.modelSpec).toEqual({ ...model, version: 3 });
    expect(response.outputs.t!.toTensor('t')).toEqual(text);
  });

  it('reads the last of several entries under one alias, one without a tensor, and skips what it has no use for', () => {
    const request = decodePredictRequestMessage(
      encodeMessage('tensorflow.serving.PredictRequest', {
        inputs: [
          { key: 'x', value: { dtype: 3, intVal: [1], tensorShape: {} } },
          { key: 'x', value: { dtype: 3, intVal: [2], tensorShape: {} } },
          { key: 'none' },
          { key: '__proto__', value: { dtype: 3, tensorShape: {} } },
        ],
        predictStreamedOptions: { requestState: 1, splitDimensions: [{ key: 'x', value: 1 }] },
        clientId: new Uint8Array([1]),
        requestOptions: { returnStoptokens: [1n] },
      }),
    );
    expect(Object.keys(request.inputs)).toEqual(['x', 'none', '__proto__']);
    expect(request.inputs.x!.toTensor('x').data).toEqual(Int32Array.of(2));
    expect(() => request.inputs.none!.toTensor('none')).toThrow('no values of type DT_INVALID');
    expect(request).not.toHaveProperty('modelSpec');
  });

  it.each([[[0x0a, 5]], [[0x12, 2, 0x12, 9]], [[0xff]]])('throws for %j', (bytes) => {
    expect(() => decodePredictRequestMessage(Uint8Array.from(bytes))).toThrow();
  });
});

describe('requests with examples', () => {
  const example = (value: number) => ({
    features: { feature: [{ key: 'x', value: { floatList: { value: [value] } } }] },
  });
  const decoded = (value: number): ReadonlyMap<string, unknown> =>
    new Map([['x', { kind: 'float', values: Float32Array.of(value) }]]);

  it.each<[string, object, ExampleInput]>([
    ['no input', {}, { examples: [] }],
    ['an input of no kind', { input: {} }, { examples: [] }],
    [
      'a list',
      { input: { exampleList: { examples: [example(1), example(2)] } } },
      {
        examples: [decoded(1), decoded(2)],
      } as ExampleInput,
    ],
    [
      'a list with a context',
      { input: { exampleListWithContext: { examples: [{}], context: example(3) } } },
      { examples: [new Map()], context: decoded(3) } as ExampleInput,
    ],
  ])('have %s', (_, message, input) => {
    const request = { ...message, modelSpec: modelMessage };
    const expected = { modelSpec: { ...model, version: 3 }, input };
    expect(decodeExamplesRequest(encodeMessage('tensorflow.serving.ClassificationRequest', request))).toEqual(expected);
    expect(decodeExamplesRequest(encodeMessage('tensorflow.serving.RegressionRequest', request))).toEqual(expected);
    const task = { modelSpec: modelMessage, methodName: 'regress' };
    const multi = encodeMessage('tensorflow.serving.MultiInferenceRequest', { ...message, tasks: [task, {}] });
    expect(decodeMultiInferenceRequest(multi)).toEqual({
      tasks: [{ modelSpec: { ...model, version: 3 }, methodName: 'regress' }, { methodName: '' }],
      input,
    });
  });
});

describe('results for examples', () => {
  const labels = StringArray.from(['a', '', 'c', 'd']);
  const scores = Float32Array.of(0.5, 0, -0, 2);
  const result = { batchSize: 2, numClasses: 2, labels, scores };
  const classifications = [
    { classes: [{ label: 'a', score: 0.5 }, {}] },
    {
      classes: [
        { label: 'c', score: -0 },
        { label: 'd', score: 2 },
      ],
    },
  ];
  const values = Float32Array.of(1, 0);
  const regressions = [{ value: 1 }, {}];

  it('are read by protobufjs', () => {
    expect(
      decodeMessage('tensorflow.serving.ClassificationResponse', encodeClassificationResponseMessage(model, result)),
    ).toEqual({ modelSpec: modelMessage, result: { classifications } });
    expect(
      decodeMessage('tensorflow.serving.RegressionResponse', encodeRegressionResponseMessage(model, { values })),
    ).toEqual({
      modelSpec: modelMessage,
      result: { regressions },
    });
    const several = encodeMultiInferenceResponse(model, [
      { signatureName: 'c', classification: result },
      { signatureName: 'r', regression: { values } },
    ]);
    expect(decodeMessage('tensorflow.serving.MultiInferenceResponse', several)).toEqual({
      results: [
        { modelSpec: { ...modelMessage, signatureName: 'c' }, classificationResult: { classifications } },
        { modelSpec: { ...modelMessage, signatureName: 'r' }, regressionResult: { regressions } },
      ],
    });
  });

  it('have an empty list for each example without classes, and empty labels', () => {
    const bytes = encodeClassificationResponseMessage(model, {
      batchSize: 2,
      numClasses: 0,
      scores: new Float32Array(0),
    });
    expect(decodeMessage('tensorflow.serving.ClassificationResponse', bytes).result).toEqual({
      classifications: [{}, {}],
    });
  });
});

describe('requests that name a model', () => {
  it('are read, with and without a ModelSpec', () => {
    const message = { modelSpec: modelMessage, metadataField: ['a', 'b'] };
    const spec = { ...model, version: 3 };
    const metadata = encodeMessage('tensorflow.serving.GetModelMetadataRequest', message);
    expect(decodeGetModelMetadataRequest(metadata)).toEqual({ modelSpec: spec, metadataField: ['a', 'b'] });
    expect(decodeGetModelMetadataRequest(new Uint8Array(0))).toEqual({ metadataField: [] });
    expect(decodeGetModelStatusRequest(metadata)).toEqual({ modelSpec: spec });
    expect(decodeGetModelStatusRequest(new Uint8Array(0))).toEqual({});
  });
});

describe('encodeGetModelStatusResponse', () => {
  it('has numbers for state and code', () => {
    const bytes = encodeGetModelStatusResponse([
      { version: 2, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
      { version: 1, state: 'END', status: { errorCode: 'DATA_LOSS', errorMessage: 'broken' } },
    ]);
    expect(decodeMessage('tensorflow.serving.GetModelStatusResponse', bytes).modelVersionStatus).toMatchObject([
      { version: 2n, state: 30 },
      { version: 1n, state: 50, status: { errorCode: 15, errorMessage: 'broken' } },
    ]);
  });
});

describe('encodeGetModelMetadataResponse', () => {
  it('wraps the signatures in an Any', () => {
    const tensorShape = { dim: [{ size: -1n, name: '' }], unknownRank: false };
    const x = { name: 'x:0', dtype: 1, tensorShape };
    const def = { inputs: new Map([['x', x]]), outputs: new Map(), methodName: 'p', defaults: new Map() };
    const bytes = encodeGetModelMetadataResponse({
      model: model.name,
      version: model.version,
      signatureDef: new Map([['s', def]]),
    });
    const { modelSpec, metadata } = decodeMessage('tensorflow.serving.GetModelMetadataResponse', bytes);
    expect(modelSpec).toEqual({ name: 'm', version: { value: 3n } });
    expect(metadata).toHaveLength(1);
    expect(metadata![0]).toMatchObject({
      key: 'signature_def',
      value: { type_url: 'type.googleapis.com/tensorflow.serving.SignatureDefMap' },
    });
    expect(decodeMessage('tensorflow.serving.SignatureDefMap', metadata![0]!.value!.value!)).toMatchObject({
      signatureDef: [
        { key: 's', value: { inputs: [{ key: 'x', value: { name: 'x:0', dtype: 1 } }], methodName: 'p' } },
      ],
    });
  });
});

describe('decodeReloadConfigRequest', () => {
  it('gives the configuration as its text form does', () => {
    const bytes = encodeMessage('tensorflow.serving.ReloadConfigRequest', {
      config: { modelConfigList: { config: [{ name: 'm', basePath: '/m', modelPlatform: 'tensorflow' }] } },
      metricNames: ['/a'],
    });
    const { config, metricNames } = decodeReloadConfigRequest(bytes);
    expect(config.modelConfigList?.config).toMatchObject([{ name: 'm', basePath: '/m', versionLabels: new Map() }]);
    expect(metricNames).toEqual(['/a']);
  });

  it('has no member without a config', () => {
    expect(decodeReloadConfigRequest(new Uint8Array(0))).toEqual({ config: {}, metricNames: [] });
  });
});
