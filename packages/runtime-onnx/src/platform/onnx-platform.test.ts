import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelServer, type ModelServerOptions } from '@serving/core';
import { createTensor, type NamedTensors, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtureFolder } from '../fixtures.test-support.js';
import { sequenceModel } from '../model-file/model-bytes.test-support.js';
import { OnnxLoader, type OnnxLoaderOptions } from './onnx-loader.js';
import { OnnxModelRuntime } from './onnx-model-runtime.js';
import { onnxPlatform } from './onnx-platform.js';
import type { OnnxPlatformOptions } from './onnx-platform-options.js';

const servers: ModelServer[] = [];
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'onnx-platform-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(root, { recursive: true });
});

async function serve(
  basePath: string,
  options: OnnxPlatformOptions = {},
  more: Partial<ModelServerOptions> = {},
): Promise<ModelServer> {
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath, platform: 'onnx' }],
    platforms: { onnx: onnxPlatform(options) },
    ...more,
  });
  servers.push(server);
  return server;
}

const load = (directory: string, warmup?: OnnxLoaderOptions['warmup']): Promise<void> =>
  new OnnxLoader(directory, { loadModel: (_, file) => new OnnxModelRuntime({}).loadFile(file, {}), warmup }).load({
    id: { name: 'm', version: 1 },
    signal: new AbortController().signal,
  });

const baseOf = (fixture: string): string => dirname(fixtureFolder(fixture));

interface Case {
  readonly inputs: Readonly<Record<string, EncodedTensor>>;
  readonly outputs: Readonly<Record<string, EncodedTensor>>;
}
interface EncodedTensor {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[];
}

async function readCases(fixture: string): Promise<Case[]> {
  return JSON.parse(await readFile(join(fixtureFolder(fixture), 'cases.json'), 'utf8')) as Case[];
}

function decoded({ dtype, shape, values }: EncodedTensor): Tensor {
  if (dtype === 'string') return createTensor('string', shape, StringArray.from(values as string[]));
  if (dtype === 'int64') return createTensor('int64', shape, BigInt64Array.from(values as number[], BigInt));
  return createTensor('float', shape, Float32Array.from(values as number[]));
}

const all = (tensors: Readonly<Record<string, EncodedTensor>>): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, decoded(tensor)]));

/** Dtype, shape and names exactly; floats within what kernels of two libraries differ by. */
function expectClose(actual: NamedTensors, expected: NamedTensors): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { dtype, shape, data }] of Object.entries(expected)) {
    expect([name, actual[name]!.dtype, actual[name]!.shape]).toEqual([name, dtype, shape]);
    if (dtype !== 'float') {
      expect(valuesOf(actual[name]!.data)).toEqual(valuesOf(data));
      continue;
    }
    const values = actual[name]!.data as Float32Array;
    for (const [i, value] of (data as Float32Array).entries()) {
      expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-5 + 1e-5 * Math.abs(value));
    }
  }
}

/** Strings as text: those of a batch share their bytes. */
const valuesOf = (data: Tensor['data']): unknown => ('offsets' in data ? data.toStrings() : data);

const fixtures = [
  'torch_convolutions_9',
  'torch_convolutions_13',
  'torch_convolutions_17',
  'torch_attention',
  'torch_recurrent',
  'torch_external',
  'sklearn_logistic',
  'sklearn_forest',
  'lightgbm_regressor',
  'opset_9',
  'opset_21',
  'nonzero',
];

describe('onnxPlatform', () => {
  it.each(fixtures)('answers as the library that made the model: %s', async (fixture) => {
    for (const options of [{ runMode: 'inline' }, { runMode: 'thread', weights: 'mapped' }] as const) {
      const server = await serve(baseOf(fixture), options);
      for (const { inputs, outputs } of await readCases(fixture)) {
        const response = await server.predict({ model: 'm', inputs: all(inputs) });
        expectClose(response.outputs, all(outputs));
      }
    }
  });

  it.each(['torch_convolutions_17', 'sklearn_forest'])('answers batched requests as lone ones: %s', async (fixture) => {
    const server = await serve(baseOf(fixture), {}, { batching: { maxBatchSize: 16, batchTimeoutMs: 5 } });
    const cases = await readCases(fixture);
    const responses = await Promise.all(cases.map(({ inputs }) => server.predict({ model: 'm', inputs: all(inputs) })));
    for (const [i, { outputs }] of cases.entries()) expectClose(responses[i]!.outputs, all(outputs));
  });

  it('runs requests one by one where an output has no row per row of the input', async () => {
    const server = await serve(baseOf('nonzero'), {}, { batching: { maxBatchSize: 16, batchTimeoutMs: 5 } });
    const [{ inputs, outputs }] = (await readCases('nonzero')) as [Case];
    const responses = await Promise.all([1, 2, 3].map(() => server.predict({ model: 'm', inputs: all(inputs) })));
    for (const { outputs: results } of responses) expectClose(results, all(outputs));
  });

  it('has the names of dimensions in its metadata', async () => {
    const server = await serve(baseOf('torch_attention'));
    const { signatureDef } = server.getModelMetadata({ model: 'm' });
    expect(signatureDef.get('serving_default')).toMatchObject({
      methodName: 'tensorflow/serving/predict',
      inputs: new Map([
        [
          'ids',
          {
            name: 'ids',
            dtype: 9,
            tensorShape: {
              dim: [
                { size: -1n, name: 'batch' },
                { size: -1n, name: 'length' },
              ],
              unknownRank: false,
            },
          },
        ],
      ]),
    });
  });

  it('returns the outputs that a request names', async () => {
    const server = await serve(baseOf('sklearn_forest'));
    const X = [[5.1, 3.5, 1.4, 0.2]];
    const { outputs } = await server.predict({ model: 'm', inputs: { X }, outputFilter: ['output_label'] });
    expect(Object.keys(outputs)).toEqual(['output_label']);
    expect(valuesOf(outputs.output_label!.data)).toEqual(['setosa']);
  });

  it('returns any of more choices of outputs than it keeps ready', async () => {
    const server = await serve(baseOf('dtypes'));
    const { inputs } = server.getModelMetadata({ model: 'm' }).signatureDef.get('serving_default')!;
    const names = [...inputs.keys()];
    const special: Readonly<Record<string, unknown[]>> = { string: ['a'], bool: [true] };
    const values = Object.fromEntries(names.map((name) => [name, (special[name] ?? [1]) as number[]]));
    let choices = 0;
    for (const first of names) {
      for (const second of names.filter((name) => name !== first)) {
        const outputFilter = [`${first}_out`, `${second}_out`];
        const { outputs } = await server.predict({ model: 'm', inputs: values, outputFilter });
        expect(Object.keys(outputs)).toEqual(outputFilter);
        choices++;
      }
    }
    expect(choices).toBe(182);
  });

  it('answers a request without rows with none, of the right shape', async () => {
    const server = await serve(baseOf('torch_convolutions_17'));
    const image = createTensor('float', [0, 1, 10, 10], new Float32Array(0));
    expect((await server.predict({ model: 'm', inputs: { image } })).outputs.scores!.shape).toEqual([0, 3]);
  });

  it('answers a request without rows of strings', async () => {
    const server = await serve(baseOf('dtypes'));
    const { signatureDef } = server.getModelMetadata({ model: 'm' });
    const names = [...signatureDef.get('serving_default')!.inputs.keys()];
    const inputs = Object.fromEntries(names.map((name) => [name, []]));
    const { outputs } = await server.predict({ model: 'm', inputs });
    expect(Object.values(outputs).map(({ shape }) => shape)).toEqual(Object.keys(outputs).map(() => [0]));
  });

  it.each([
    ['of a newer format', (bytes: Buffer) => bytes.fill(100, 1, 2), 'IR version'],
    [
      'whose output no node makes',
      (bytes: Buffer) => bytes.fill('z', bytes.lastIndexOf('y'), bytes.lastIndexOf('y') + 1),
      '(z)',
    ],
  ])('refuses a model %s as wrong', async (_, damage, text) => {
    await cp(fixtureFolder('half_plus_two'), join(root, '1'), { recursive: true });
    await writeFile(join(root, '1', 'model.onnx'), damage(await readFile(join(root, '1', 'model.onnx'))));
    await expect(load(join(root, '1'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`ONNX Runtime: [^/]*${text.replaceAll(/[()]/g, '.')}`)),
    });
  });

  it('loads a version through links, as volumes of Kubernetes have them', async () => {
    await cp(fixtureFolder('torch_external'), join(root, 'data'), { recursive: true });
    await mkdir(join(root, 'm', '1'), { recursive: true });
    await symlink(join(root, 'data'), join(root, 'm', '1', '..data'));
    for (const file of ['model.onnx', 'weights.bin']) await symlink(join('..data', file), join(root, 'm', '1', file));
    const server = await serve(join(root, 'm'));
    const [{ inputs, outputs }] = (await readCases('torch_external')) as [Case];
    expectClose((await server.predict({ model: 'm', inputs: all(inputs) })).outputs, all(outputs));
  });

  it('warms a version up before it is available, and fails its load with the warm-up', async () => {
    const warmed: string[] = [];
    await serve(baseOf('opset_21'), {
      warmup: async (directory, { id, servable }) => {
        const [signature] = servable.signatures.values();
        await servable.run(signature!, { x: createTensor('float', [1, 3], new Float32Array(3)) });
        warmed.push(`${id.name} ${id.version} ${directory}`);
      },
    });
    expect(warmed).toEqual([`m 1 ${fixtureFolder('opset_21')}`]);
    const failing = load(fixtureFolder('opset_21'), () => Promise.reject(new Error('too cold')));
    await expect(failing).rejects.toThrow('too cold');
  });
});

describe('a load of the onnx platform', () => {
  it('names the file to rename', async () => {
    await cp(fixtureFolder('opset_21'), join(root, '1'), { recursive: true });
    await rename(join(root, '1', 'model.onnx'), join(root, '1', 'resnet.onnx'));
    await expect(load(join(root, '1'))).rejects.toThrow(
      /model\.onnx not found\. The folder has "resnet\.onnx": rename it to "model\.onnx"/,
    );
  });

  it('refuses an output that is not a tensor, by its name', async () => {
    await mkdir(join(root, '1'));
    await writeFile(join(root, '1', 'model.onnx'), sequenceModel());
    await expect(load(join(root, '1'))).rejects.toThrow(
      /Loading model m version 1 from .* failed: Output "y" of the model is a sequence/,
    );
  });

  it.each([
    [{ weights: 'huge' }, 'Option "weights" of onnxPlatform() must be "packed" or "mapped", got "huge"'],
    [{ intraOpThreads: -1 }, 'Option "intraOpThreads" of onnxPlatform() must be an integer of at least 0, got -1'],
    [{ wieghts: 'packed' }, 'did you mean "weights"'],
  ])('refuses the options %j', (options, message) => {
    expect(() => onnxPlatform(options as OnnxPlatformOptions)).toThrow(message);
  });
});
