import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensor } from '@serving/core/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeUnaryModel } from '../session/pbtxt-model.test-support.js';
import { tensorflowRuntime } from '../tensorflow-runtime.js';
import type { TensorFlowApi } from './c-api.js';
import { loadCustomOpLibraries } from './custom-op-libraries.js';
import { compileOperation } from './tensorflow-headers.test-support.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custom-op-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('customOpLibraries', () => {
  it('let a model use an operation that TensorFlow does not have', { timeout: 300_000 }, async ({ skip }) => {
    const library = join(folder, 'plus_forty_two.so');
    const { libraryVersion } = await tensorflowRuntime().describe();
    const obstacle = await compileOperation('plus_forty_two.cc', library, libraryVersion);
    if (obstacle !== undefined) {
      process.stderr.write(`\n!!! The test of custom operations is skipped: ${obstacle}\n\n`);
      skip(obstacle);
    }
    const model = await writeUnaryModel({ operation: 'ServingTestPlusFortyTwo' });
    const without = tensorflowRuntime().load(model, ['serve'], {});
    await expect(without).rejects.toThrow('ServingTestPlusFortyTwo');

    const link = join(folder, 'link.so');
    await symlink(library, link);
    const session = await tensorflowRuntime({ customOpLibraries: [library, link] }).load(model, ['serve'], {});
    const x = createTensor('float', [2], Float32Array.of(0, 1.5));
    const [y] = await session.prepare(['x'], ['y']).run([x]);
    expect(y).toEqual(createTensor('float', [2], Float32Array.of(42, 43.5)));
    await session.close();
    await rm(model, { recursive: true });
  });

  it('fail every load when a file is missing or TensorFlow refuses it', async () => {
    const text = join(folder, 'text.so');
    await writeFile(text, 'no library');
    await expect(tensorflowRuntime({ customOpLibraries: [text] }).describe()).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(/^Custom operation library ".*text\.so" could not be loaded into TensorFlow 2\./),
    });
    const missing = join(folder, 'missing.so');
    await expect(tensorflowRuntime({ customOpLibraries: [missing] }).describe()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Custom operation library ${JSON.stringify(missing)} does not exist`,
    });
  });
});

describe('loadCustomOpLibraries', () => {
  it('loads each file once, in order, and one that failed again', async () => {
    const calls: string[] = [];
    const [first, second, bad] = ['first.so', 'second.so', 'bad.so'].map((name) => join(folder, name));
    for (const file of [first!, second!, bad!]) await writeFile(file, '');
    const api = fakeApi((file) => {
      calls.push(file);
      return file !== bad;
    });
    await loadCustomOpLibraries(api, [first!, second!]);
    await Promise.all([loadCustomOpLibraries(api, [second!]), loadCustomOpLibraries(api, [first!])]);
    expect(calls).toEqual([first, second]);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(loadCustomOpLibraries(api, [bad!])).rejects.toThrow('It has to be built for this version');
    }
    expect(calls).toEqual([first, second, bad, bad]);
  });
});

/** @param load whether the file is a library */
function fakeApi(load: (file: string) => boolean): TensorFlowApi {
  let isOk = true;
  const loadLibrary = {
    async: (file: string, _status: number, callback: (error: unknown, result: number) => void): void => {
      isOk = load(file);
      callback(null, 0);
    },
  };
  const api: Pick<
    TensorFlowApi,
    'version' | 'newStatus' | 'deleteStatus' | 'getCode' | 'message' | 'deleteLibraryHandle'
  > = {
    version: '2.21.0',
    newStatus: (() => 1) as unknown as TensorFlowApi['newStatus'],
    deleteStatus: (() => undefined) as unknown as TensorFlowApi['deleteStatus'],
    getCode: (() => (isOk ? 0 : 5)) as unknown as TensorFlowApi['getCode'],
    message: () => 'not a library',
    deleteLibraryHandle: (() => undefined) as unknown as TensorFlowApi['deleteLibraryHandle'],
  };
  return { ...api, loadLibrary } as unknown as TensorFlowApi;
}
