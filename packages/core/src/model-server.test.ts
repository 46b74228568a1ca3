import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakePlatform } from './fake-platform.test-support.js';
import { ModelServer } from './model-server.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'model-server-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const addVersion = (model: string, version: number): Promise<unknown> =>
  mkdir(join(root, model, String(version)), { recursive: true });

describe('ModelServer', () => {
  it('serves the latest version of a model after its start', async () => {
    await addVersion('m', 1);
    await addVersion('m', 2);
    await using server = await ModelServer.start({
      models: [{ name: 'm', basePath: join(root, 'm') }],
      platforms: { tensorflow: fakePlatform() },
    });
    const { modelSpec, outputs } = await server.predict({ model: 'm', inputs: { x: [1, 2] } });
    expect(modelSpec).toEqual({ name: 'm', version: 2, signatureName: 'serving_default' });
    expect(outputs.y).toEqual({ dtype: 'float', shape: [2], data: new Float32Array([3, 4]) });
    expect(server.getModelStatus({ model: 'm' })).toEqual([
      { version: 2, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
    ]);
    await server.close();
    expect(server.getModelStatus({ model: 'm' })).toMatchObject([{ version: 2, state: 'END' }]);
    await expect(server.predict({ model: 'm', inputs: { x: [1] } })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
