import { ModelServer } from '@serving/core';
import { createTensor, type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import { decodeMessage, encodeMessage } from '@serving/protos/messages';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient, paths } from '../../../test-doubles/src/grpc-client.js';
import { differences, fixturePath, referenceCases } from '../../../test-doubles/src/saved-model-fixtures.js';
import { GrpcServer } from '../server/grpc-server.js';

const models = [...new Set(referenceCases().map(({ model }) => model))].filter((name) => name !== 'gpu_tag');
const served = [...new Set([...models, 'mlp'])];

let modelServer: ModelServer;
let server: GrpcServer;
let client: GrpcClient;

beforeAll(async () => {
  modelServer = await ModelServer.start({
    models: served.map((name) => ({
      name,
      basePath: fixturePath(name),
      versionPolicy: { all: {} },
      ...(name === 'half_plus_two' && { versionLabels: { canary: 124 } }),
    })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  server = await GrpcServer.listen(modelServer, { port: 0 });
  client = new GrpcClient(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await modelServer.close();
});

const named = (tensors: Record<string, Tensor>): NamedTensors => Object.assign(Object.create(null), tensors);
const floats = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const int32s = (...values: number[]): Tensor => createTensor('int32', [values.length], Int32Array.from(values));

describe('Predict on TensorFlow', () => {
  const cases = referenceCases().filter(
    ({ model, usesDefaults }) => models.includes(model) && (model !== 'placeholder_default' || !usesDefaults),
  );

  it.each(models)("answers like TensorFlow's own %s", async (model) => {
    const wrong: string[] = [];
    for (const [i, request] of cases.filter((one) => one.model === model).entries()) {
      const { version, signature: signatureName, inputs } = request;
      const modelSpec = { name: model, version, signatureName };
      // Stateful models answer each request once.
      const forms = request.stateful ? [false] : [false, true];
      for (const asTensorContent of forms) {
        const response = await client.predict({ modelSpec, inputs, asTensorContent });
        expect(response.modelSpec).toEqual(modelSpec);
        const lines = differences(response.outputs, request.outputs);
        wrong.push(...lines.map((line) => `case ${i}, ${signatureName}: ${line}`));
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each<[string, object, number]>([
    ['the latest version', {}, 3],
    ['a version', { version: 123n }, 2],
    ['a label', { versionLabel: 'canary' }, 3],
  ])('asks %s', async (_, spec, expected) => {
    const { outputs, modelSpec } = await client.predict({
      modelSpec: { name: 'half_plus_two', ...spec },
      inputs: named({ x: floats(0) }),
    });
    expect(outputs.y!.data).toEqual(Float32Array.of(expected));
    expect(modelSpec).toMatchObject({ signatureName: 'serving_default', version: expected === 2 ? 123 : 124 });
  });

  it('gives the outputs asked for only', async () => {
    const [request] = cases.filter(({ model }) => model === 'multi');
    const [alias] = Object.keys(request!.outputs);
    const modelSpec = { name: 'multi', signatureName: request!.signature };
    const { outputs } = await client.predict({ modelSpec, inputs: request!.inputs, outputFilter: [alias!] });
    expect(Object.keys(outputs)).toEqual([alias]);
  });

  it.each<[string, number, string, object, Record<string, Tensor>, string[]?]>([
    ['no name', 3, 'ModelSpec has no name specified.', {}, { x: floats(1) }],
    ['an unknown model', 5, 'Servable not found for request: Latest(nope)', { name: 'nope' }, { x: floats(1) }],
    [
      'an unknown version',
      5,
      'Servable not found for request: Specific(half_plus_two, 9)',
      { name: 'half_plus_two', version: 9n },
      { x: floats(1) },
    ],
    [
      'a version that no number holds',
      5,
      'Servable not found for request: Specific(half_plus_two, 9223372036854775807)',
      { name: 'half_plus_two', version: 2n ** 63n - 1n },
      { x: floats(1) },
    ],
    [
      'an unknown label',
      3,
      'Unrecognized servable version label: stable',
      { name: 'half_plus_two', versionLabel: 'stable' },
      { x: floats(1) },
    ],
    [
      'an unknown signature',
      9,
      'Serving signature key "nope" not found.',
      { name: 'half_plus_two', signatureName: 'nope' },
      { x: floats(1) },
    ],
    [
      'a missing input',
      3,
      'input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.',
      { name: 'half_plus_two' },
      {},
    ],
    [
      'an unknown input',
      3,
      'input size does not match signature: 2!=1 len({x,z}) != len({x}). Sent extra: {z}. Missing but required: {}.',
      { name: 'half_plus_two' },
      { x: floats(1), z: floats(1) },
    ],
    [
      'another data type',
      3,
      'Expects arg[0] to be float but int32 is provided (input x)',
      { name: 'half_plus_two' },
      { x: int32s(1) },
    ],
    [
      'an unknown output',
      3,
      'output tensor alias not found in signature: z Outputs expected to be in the set {y}.',
      { name: 'half_plus_two' },
      { x: floats(1) },
      ['z'],
    ],
    [
      'an output asked for twice',
      3,
      'duplicate output tensor alias: y',
      { name: 'half_plus_two' },
      { x: floats(1) },
      ['y', 'y'],
    ],
  ])(
    'rejects %s with TensorFlow Serving’s code and text',
    async (_, code, details, modelSpec, inputs, outputFilter) => {
      const call = { modelSpec, inputs: named(inputs), ...(outputFilter && { outputFilter }) };
      await expect(client.predict(call)).rejects.toMatchObject({ code, details });
    },
  );

  it('refuses a request without ModelSpec, and a tensor that has no meaning', async () => {
    await expect(client.call(paths.predict, new Uint8Array(0))).rejects.toMatchObject({
      code: 3,
      details: 'Missing ModelSpec',
    });
    const broken = encodeMessage('tensorflow.serving.PredictRequest', {
      modelSpec: { name: 'half_plus_two' },
      inputs: [{ key: 'x', value: { dtype: 1, tensorShape: { dim: [{ size: -1n }] } } }],
    });
    await expect(client.call(paths.predict, broken)).rejects.toMatchObject({
      code: 3,
      details: expect.stringMatching(/^tensor parsing error: x/),
    });
  });

  it('refuses a shape that the signature does not declare', async () => {
    const [alias] = modelServer.getModelMetadata({ model: 'mlp' }).signatureDef.get('serving_default')!.inputs.keys();
    const wrong = createTensor('float', [1, 2], new Float32Array(2));
    const call = { modelSpec: { name: 'mlp' }, inputs: named({ [alias!]: wrong }) };
    await expect(client.predict(call)).rejects.toMatchObject({
      code: 3,
      details: `Input "${alias}" of model "mlp" has shape [1,2]; signature "serving_default" expects [?,784].`,
    });
  });
});

describe('the form of the outputs', () => {
  it.each([
    [false, true, false],
    [true, false, true],
    ['as-requested' as const, true, true],
    ['as-requested' as const, false, false],
  ])('is for tensorContent %s and a request with content %s: content %s', async (rule, asked, expected) => {
    await using other = await GrpcServer.listen(modelServer, { port: 0, tensorContent: rule });
    const caller = new GrpcClient(`127.0.0.1:${other.port}`);
    const value = asked
      ? { dtype: 1, tensorShape: { dim: [{ size: 1n }] }, tensorContent: new Uint8Array(4) }
      : { dtype: 1, tensorShape: { dim: [{ size: 1n }] }, floatVal: [0] };
    const request = { modelSpec: { name: 'half_plus_two_tf2' }, inputs: [{ key: 'x', value }] };
    const bytes = await caller.call(paths.predict, encodeMessage('tensorflow.serving.PredictRequest', request));
    const { outputs } = decodeMessage('tensorflow.serving.PredictResponse', bytes);
    expect(outputs![0]!.value).toMatchObject(
      expected ? { tensorContent: Buffer.from(Float32Array.of(2).buffer) } : { floatVal: [2] },
    );
    caller.close();
  });
});

describe('Classify, Regress and MultiInference on TensorFlow', () => {
  const example = (x: number, y?: number) => ({
    features: {
      feature: Object.entries({ x, ...(y !== undefined && { y }) }).map(([key, value]) => ({
        key,
        value: { floatList: { value: [value] } },
      })),
    },
  });
  const input = { exampleList: { examples: [example(2, 1)] } };
  const spec = (signatureName: string) => ({ name: 'classify_regress', signatureName });
  const reference = (signature: string, output: string): Tensor =>
    referenceCases('classify_regress').find((one) => one.signature === signature && one.inputs.inputs?.shape[0] === 1)!
      .outputs[output]!;

  it('answer like TensorFlow', async () => {
    const scores = [...(reference('classify', 'scores').data as Float32Array)];
    const classified = await client.classify({ modelSpec: spec('classify'), input });
    expect(classified.modelSpec).toEqual({ ...spec('classify'), version: { value: 1n } });
    expect(classified.result!.classifications).toHaveLength(1);
    const { classes } = classified.result!.classifications![0]!;
    expect(classes!.map(({ label }) => label)).toEqual(['low', 'middle', 'high']);
    for (const [i, { score = 0 }] of classes!.entries()) expect(score).toBeCloseTo(scores[i]!, 6);

    const [value] = reference('regress', 'outputs').data as Float32Array;
    const regressed = await client.regress({ modelSpec: spec('regress'), input });
    expect(regressed.modelSpec).toEqual({ ...spec('regress'), version: { value: 1n } });
    expect(regressed.result!.regressions![0]!.value).toBeCloseTo(value!, 6);

    const several = await client.multiInference({
      tasks: [
        { modelSpec: spec('regress'), methodName: 'tensorflow/serving/regress' },
        { modelSpec: spec('classify'), methodName: 'tensorflow/serving/classify' },
      ],
      input,
    });
    expect(several.results).toEqual([
      { modelSpec: regressed.modelSpec, regressionResult: regressed.result },
      { modelSpec: classified.modelSpec, classificationResult: classified.result },
    ]);
  });

  it('give each example the context', async () => {
    const merged = await client.regress({ modelSpec: spec('regress'), input });
    const withContext = { exampleListWithContext: { examples: [example(2)], context: example(5, 1) } };
    expect(await client.regress({ modelSpec: spec('regress'), input: withContext })).toEqual(merged);
  });

  it.each<[string, number, string, () => Promise<unknown>]>([
    ['no ModelSpec', 3, 'Missing ModelSpec', () => client.classify({ input })],
    ['no input', 3, 'Input is empty.', () => client.regress({ modelSpec: spec('regress') })],
    [
      'an unknown signature',
      3,
      'No signature was found with the name: nope',
      () => client.classify({ modelSpec: spec('nope'), input }),
    ],
    ['an unknown model', 5, 'Servable not found', () => client.classify({ modelSpec: { name: 'nope' }, input })],
    ['no task', 3, 'ModelSpec has no name specified.', () => client.multiInference({ input })],
    [
      'a task of another method',
      12,
      'Unsupported signature method_name: predict',
      () => client.multiInference({ tasks: [{ modelSpec: spec('classify'), methodName: 'predict' }], input }),
    ],
  ])('refuse %s', async (_, code, text, call) => {
    await expect(call()).rejects.toMatchObject({ code, details: expect.stringContaining(text) });
  });
});

describe('GetModelMetadata', () => {
  const modelSpec = { name: 'half_plus_two', version: { value: 123n } };

  it('gives the signatures in an Any', async () => {
    const response = await client.getModelMetadata({ modelSpec, metadataField: ['signature_def'] });
    expect(response.modelSpec).toEqual(modelSpec);
    const any = response.metadata![0]!;
    expect(any.key).toBe('signature_def');
    const { signatureDef } = decodeMessage('tensorflow.serving.SignatureDefMap', any.value!.value!);
    const served = signatureDef!.find(({ key }) => key === 'serving_default')!.value!;
    expect(served).toMatchObject({
      methodName: 'tensorflow/serving/predict',
      inputs: [{ key: 'x', value: { name: 'x:0', dtype: 1, tensorShape: { dim: [{ size: -1n }] } } }],
      outputs: [{ key: 'y', value: { name: 'y:0', dtype: 1 } }],
    });
  });

  it('gives those of every model', async () => {
    for (const name of models) {
      const response = await client.getModelMetadata({ modelSpec: { name }, metadataField: ['signature_def'] });
      expect(response.metadata).toHaveLength(1);
    }
  });

  it.each([
    ['no field', 3, 'GetModelMetadataRequest must specify at least one metadata_field', { modelSpec }],
    ['an unknown field', 3, 'Metadata field size is not supported', { modelSpec, metadataField: ['size'] }],
    ['no ModelSpec', 3, 'Missing ModelSpec', { metadataField: ['signature_def'] }],
    [
      'an unknown model',
      5,
      'Servable not found for request: Latest(nope)',
      { modelSpec: { name: 'nope' }, metadataField: ['signature_def'] },
    ],
  ])('refuses %s', async (_, code, details, request) => {
    await expect(client.getModelMetadata(request)).rejects.toMatchObject({ code, details });
  });
});

describe('requests with strings', () => {
  it('bring and give bytes that are no UTF-8', async () => {
    const cases = referenceCases('dtypes').filter(({ signature }) => signature === 'string');
    const bytes = createTensor('string', [2], StringArray.from([Uint8Array.of(0xff, 0), '']));
    const [alias] = Object.keys(cases[0]!.inputs);
    const { outputs } = await client.predict({
      modelSpec: { name: 'dtypes', signatureName: 'string' },
      inputs: named({ [alias!]: bytes }),
    });
    expect(Object.values(outputs)[0]).toEqual(bytes);
  });
});
