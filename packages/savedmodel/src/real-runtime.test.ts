import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { createTensor, elementCount, type NamedTensors, type Tensor } from '@serving/core/tensor';
import type { SavedModelRuntime } from '@serving/engine';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, fixturePath, referenceCases } from '../../test-doubles/src/saved-model-fixtures.js';
import { SavedModelLoader } from './saved-model-loader.js';
import { savedModelPlatform } from './saved-model-platform.js';

let runtime: SavedModelRuntime;
let root: string;

beforeAll(async () => {
  runtime = tensorflowRuntime();
  root = await mkdtemp(join(tmpdir(), 'real-runtime-'));
});

afterAll(async () => {
  await runtime.close?.();
  await rm(root, { recursive: true });
});

async function load(name: string, version: number): Promise<SavedModelLoader> {
  const tags = name === 'gpu_tag' ? ['serve', 'gpu'] : ['serve'];
  const loader = new SavedModelLoader(fixturePath(name, version), { runtime: async () => runtime, tags });
  await loader.load({ id: { name, version }, signal: new AbortController().signal });
  return loader;
}

const named = (tensors: Record<string, Tensor>): NamedTensors => Object.assign(Object.create(null), tensors);
const zeros = (...shape: number[]): Tensor => createTensor('float', shape, new Float32Array(elementCount(shape)));

describe('SavedModelServable on TensorFlow', () => {
  // Serving takes defaults from the signature only, never from the graph.
  const cases = referenceCases().filter(({ model, usesDefaults }) => model !== 'placeholder_default' || !usesDefaults);
  const models = new Map(cases.map(({ model, version }) => [`${model} ${version}`, { model, version }]));

  it.each([...models.values()])("answers like TensorFlow's own $model $version", async ({ model, version }) => {
    const loader = await load(model, version);
    const servable = loader.getServable();
    const wrong: string[] = [];
    for (const [i, request] of cases.filter((one) => one.model === model && one.version === version).entries()) {
      const signature = servable.signatures.get(request.signature)!;
      const inputs: NamedTensors = Object.create(null);
      for (const [alias, value] of signature.defaults) inputs[alias] = value;
      for (const alias of Object.keys(request.inputs)) inputs[alias] = request.inputs[alias]!;
      const outputs = await servable.run(signature, inputs);
      wrong.push(...differences(outputs, request.outputs).map((line) => `case ${i}, ${request.signature}: ${line}`));
    }
    expect(wrong).toEqual([]);
    await loader.unload();
  });

  // Where oneDNN is on, which depends on the processor, TensorFlow itself would end the process.
  it.each([[[]], [[64]], [[8, 8]], [[1, 8, 8]], [[8, 8, 1]], [[1, 8, 8, 1, 1]]])(
    'refuses a tensor of shape %j for a convolution, and lives',
    async (shape) => {
      const loader = await load('digits', 2);
      const servable = loader.getServable();
      const signature = servable.signatures.get('serving_default')!;
      const inputs = named({ image: zeros(...shape) });
      const refusal = {
        code: 'INVALID_ARGUMENT',
        message: `Input "image" of model "digits" has shape [${shape}]; signature "serving_default" expects [?,8,8,1].`,
      };
      expect(() => servable.run(signature, inputs)).toThrow(expect.objectContaining(refusal));
      await loader.unload();
    },
  );

  it.each([
    [[64], 'serving_default_image:0', '[?,≥2,≥2,?]'],
    [[8, 8, 1], 'serving_default_image', '[?,≥2,≥2,?]'],
    [[1, 1, 1, 1], 'serving_default_image:0', '[?,≥2,≥2,?]'],
  ])(
    'refuses a tensor of shape %j that is fed to the graph of a convolution as %s',
    async (shape, tensor, expected) => {
      const loader = await load('digits', 2);
      const feeds = new Map([[tensor, zeros(...shape)]]);
      await expect(loader.getServable().runGraph(feeds, ['StatefulPartitionedCall:0'])).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Tensor "${tensor}" of model "digits" has shape [${shape}]; the graph expects ${expected}.`,
      });
      await loader.unload();
    },
  );

  it('answers an image without rows in the shapes that images have', async () => {
    const loader = await load('digits', 2);
    const servable = loader.getServable();
    const signature = servable.signatures.get('serving_default')!;
    const inputs = named({ image: zeros(0, 8, 8, 1) });
    const outputs = await servable.run(signature, inputs);
    expect(outputs.probabilities).toEqual({ dtype: 'float', shape: [0, 10], data: new Float32Array(0) });
    expect(outputs.label).toEqual({ dtype: 'int64', shape: [0], data: new BigInt64Array(0) });
    await loader.unload();
  });

  it('fails a run with the code and text of TensorFlow', async () => {
    const loader = await load('half_plus_two_tf2', 123);
    const servable = loader.getServable();
    const inputs: NamedTensors = Object.assign(Object.create(null), {
      x: { dtype: 'int32', shape: [1], data: new Int32Array(1) },
    });
    await expect(servable.run(servable.signatures.get('serving_default')!, inputs)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('float'),
    });
    await loader.unload();
  });

  it.each(['missing_variables_data', 'truncated_variables', 'missing_asset'])(
    'names the place when TensorFlow refuses broken/%s',
    async (name) => {
      const place = `Loading model broken/${name} version 1 from ${fixturePath(`broken/${name}`, 1)} failed: `;
      await expect(load(`broken/${name}`, 1)).rejects.toThrow(place);
    },
  );
});

describe('savedModelPlatform without a runtime given', () => {
  it('finds one at the first load, and keeps it until the last server has closed', async () => {
    const platform = savedModelPlatform();
    const start = (): Promise<ModelServer> =>
      ModelServer.start({
        models: [{ name: 'half', basePath: fixturePath('half_plus_two') }],
        platforms: { tensorflow: platform },
      });
    const first = await start();
    const second = await start();
    await first.close();
    const { outputs } = await second.predict({ model: 'half', inputs: { x: [1] } });
    expect(outputs.y!.data).toEqual(new Float32Array([3.5]));
    await second.close();
  });
});

describe('a server with broken models', () => {
  it('tells what is wrong with each, and serves the others', async () => {
    await mkdir(join(root, 'empty', '1'), { recursive: true });
    await cp(fixturePath('half_plus_two'), join(root, 'fine'), { recursive: true });
    const broken: Readonly<Record<string, readonly [basePath: string, reason: string]>> = {
      empty: [join(root, 'empty'), 'Could not find SavedModel .pb or .pbtxt'],
      truncated: [fixturePath('broken/truncated'), "Can't parse"],
      garbage: [fixturePath('broken/not_a_proto'), "Can't parse"],
      variables: [fixturePath('broken/missing_variables'), 'variables.index'],
      data: [fixturePath('broken/missing_variables_data'), ''],
      tag: [fixturePath('train_tag'), 'matching supplied tags: { serve }'],
    };
    const models = Object.entries(broken).map(([name, [basePath]]) => ({ name, basePath }));
    const server = await ModelServer.start({
      models: [...models, { name: 'fine', basePath: join(root, 'fine') }],
      platforms: { tensorflow: savedModelPlatform({ engine: runtime }) },
      maxNumLoadRetries: 0,
    }).catch((error: unknown) => error);
    expect(server).toBeInstanceOf(ModelServer);
    if (!(server instanceof ModelServer)) return;
    const { outputs } = await server.predict({ model: 'fine', inputs: { x: [1, 2] } });
    expect(outputs.y!.data).toEqual(new Float32Array([3.5, 4]));
    for (const [name, [basePath, reason]] of Object.entries(broken)) {
      const [status] = server.getModelStatus({ model: name });
      expect(status).toMatchObject({ version: 1, state: 'END' });
      expect(status!.status.errorMessage).toContain(
        `Loading model ${name} version 1 from ${join(basePath, '1')} failed: `,
      );
      expect(status!.status.errorMessage).toContain(reason);
    }
    await server.close();
  });
});
