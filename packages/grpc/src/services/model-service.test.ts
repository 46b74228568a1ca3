import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelConfigList, ModelServer } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { GrpcServer } from '../server/grpc-server.js';

let modelServer: ModelServer;
let server: GrpcServer;
let client: GrpcClient;
let counted = 5;

beforeAll(async () => {
  modelServer = await ModelServer.start({
    models: [{ name: 'half', basePath: fixturePath('half_plus_two'), versionPolicy: { all: {} } }],
    platforms: { tensorflow: savedModelPlatform() },
    maxNumLoadRetries: 0,
  });
  const readMetric = (name: string): number | undefined => (name === '/requests' ? counted++ : undefined);
  server = await GrpcServer.listen(modelServer, { port: 0, readMetric });
  client = new GrpcClient(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await modelServer.close();
});

describe('GetModelStatus', () => {
  const available = (version: bigint) => ({ version, state: 30 });

  it.each<[string, object, unknown[]]>([
    ['all versions, the highest first', {}, [available(124n), available(123n)]],
    ['one version', { version: { value: 123n } }, [available(123n)]],
    ['all versions for a label, which it does not look at', { versionLabel: 'x' }, [available(124n), available(123n)]],
  ])('reports %s', async (_, spec, expected) => {
    const { modelVersionStatus } = await client.getModelStatus({ modelSpec: { name: 'half', ...spec } });
    expect(modelVersionStatus).toMatchObject(expected);
    expect(modelVersionStatus).toHaveLength(expected.length);
  });

  it.each<[string, object, number, string]>([
    ['no ModelSpec', {}, 3, 'Missing ModelSpec'],
    ['an unknown model', { modelSpec: { name: 'no' } }, 5, 'Could not find any versions of model no'],
    [
      'a version of an unknown model',
      { modelSpec: { name: 'no', version: { value: 1n } } },
      5,
      'Could not find version 1 of model no',
    ],
    [
      'an unknown version',
      { modelSpec: { name: 'half', version: { value: 9n } } },
      5,
      'Could not find version 9 of model half',
    ],
    [
      'a version that no number holds',
      { modelSpec: { name: 'half', version: { value: 2n ** 63n - 1n } } },
      5,
      'Could not find version 9223372036854775807 of model half',
    ],
  ])('refuses %s', async (_, request, code, details) => {
    await expect(client.getModelStatus(request)).rejects.toMatchObject({ code, details });
  });
});

describe('HandleReloadConfigRequest', () => {
  const half = { name: 'half', basePath: fixturePath('half_plus_two'), modelPlatform: 'tensorflow' };
  const list = (...config: object[]) => ({ config: { modelConfigList: { config } } });

  it('replaces the list of models, and answers when that is in effect', async () => {
    const digits = { name: 'digits', basePath: fixturePath('digits'), modelPlatform: 'tensorflow' };
    const labelled = {
      ...half,
      modelVersionPolicy: { specific: { versions: [123n] } },
      versionLabels: [{ key: 'stable', value: 123n }],
    };
    expect(await client.reload(list(labelled, digits))).toMatchObject({ status: {} });
    expect(modelServer.modelNames).toEqual(['half', 'digits']);
    const { modelVersionStatus } = await client.getModelStatus({ modelSpec: { name: 'digits' } });
    expect(modelVersionStatus).toMatchObject([{ version: 2n, state: 30 }]);
    using handle = modelServer.getServableHandle({ model: 'half', label: 'stable' });
    expect(handle.id.version).toBe(123);
  });

  it.each<[string, object, number, string]>([
    ['no config', {}, 3, 'ServerModelConfig type not supported by HandleReloadConfigRequest'],
    [
      'a custom config',
      { config: { customModelConfig: { type_url: 'x' } } },
      3,
      'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
    ],
    ['a model twice', list(half, half), 3, 'Illegal to list model half multiple times in config list'],
    [
      'a model whose path starts nowhere',
      list({ ...half, basePath: 'models/half' }),
      3,
      'Expected model half to have an absolute path or URI; got base_path()=models/half',
    ],
    ['a model without platform', list({ ...half, modelPlatform: '' }), 3, 'Illegal setting neither'],
    ['an unknown platform', list({ ...half, modelPlatform: 'caffe' }), 3, 'caffe'],
    [
      'a label for a version that is not there',
      list({ ...half, versionLabels: [{ key: 'new', value: 9n }] }),
      9,
      'version 9 of model half, which is not currently available',
    ],
  ])('refuses %s and changes nothing', async (_, request, code, text) => {
    const before = modelServer.modelNames;
    await expect(client.reload(request)).rejects.toMatchObject({ code, details: expect.stringContaining(text) });
    expect(modelServer.modelNames).toEqual(before);
  });

  it('says the same of a base path that is missing, empty, a file or without a model, and so does the status', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reload-'));
    await Promise.all([mkdir(join(folder, 'empty')), mkdir(join(folder, 'no-model/1'), { recursive: true })]);
    await writeFile(join(folder, 'file'), '');
    try {
      for (const name of ['missing', 'empty', 'file', 'file/below', 'no-model']) {
        const model = { ...half, name: 'm', basePath: join(folder, name) };
        await expect(client.reload(list(half, model))).rejects.toMatchObject({
          code: 2,
          details: "1 model(s) did not become available: {{name: m}} (the server's log says why)",
        });
        if (name === 'no-model') continue;
        await expect(client.getModelStatus({ modelSpec: { name: 'm' } })).rejects.toMatchObject({
          code: 5,
          details:
            "Could not find any versions of model m: none was found at its base path (the server's log says why)",
        });
        await client.reload(list(half));
      }
    } finally {
      await client.reload(list(half));
      await rm(folder, { recursive: true });
    }
  });

  it('gives the increase of the metrics asked for, each once, 0 for an unknown one', async () => {
    const names = ['/requests', '/none', '/requests'];
    const { metric } = await client.reload({ ...list(half), metricNames: names });
    expect(metric).toEqual([
      { name: '/requests', int64ValueIncrease: 1n },
      { name: '/none', int64ValueIncrease: 0n },
    ]);
  });

  it('completes the list where the server has more to say of its models', async () => {
    const completeReload = ({ models }: ModelConfigList): ModelConfigList => ({
      models: models.map((model) => ({ ...model, options: { colour: 'red' } })),
    });
    await using completing = await GrpcServer.listen(modelServer, { port: 0, completeReload });
    const caller = new GrpcClient(`127.0.0.1:${completing.port}`);
    await expect(caller.reload(list(half))).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining('models[0].options: Unknown option "colour"'),
    });
    caller.close();
  });

  it('is not there when reloads are not allowed', async () => {
    await using closed = await GrpcServer.listen(modelServer, { port: 0, allowReload: false });
    const caller = new GrpcClient(`127.0.0.1:${closed.port}`);
    await expect(caller.reload(list(half))).rejects.toMatchObject({ code: 12 });
    caller.close();
  });
});
