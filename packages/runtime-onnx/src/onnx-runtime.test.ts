import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensor, StringArray } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { type OnnxRuntimeOptions, onnxRuntime } from './onnx-runtime.js';

const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
const y = createTensor('float', [3], Float32Array.of(2.5, 3, 4.5));

describe('onnxRuntime', () => {
  it('tells version, library and device', async () => {
    expect(await onnxRuntime().describe()).toEqual({
      name: 'onnx',
      libraryVersion: expect.stringMatching(/^1\.\d+\.\d+$/),
      libraryPath: expect.stringContaining('onnxruntime'),
      devices: ['CPU'],
    });
  });

  const settings: readonly OnnxRuntimeOptions[] = [
    {},
    { weights: 'mapped' },
    { copyWeights: true },
    { intraOpThreads: 2 },
    { guards: false, runMode: 'thread' },
  ];

  it.each(settings)('runs a SavedModel with %j', async (options) => {
    const session = await onnxRuntime(options).load(fixturePath('half_plus_two', 123), ['serve'], {});
    expect(await session.prepare(['x:0'], ['y:0']).run([x])).toEqual([y]);
    await session.close();
  });

  it('runs strings in TypeScript', async () => {
    const session = await onnxRuntime().load(fixturePath('lookup_table', 1), ['serve'], {});
    const words = createTensor('string', [2], StringArray.from(['apple', 'nothing']));
    const [ids] = await session.prepare(['word'], ['hash_table_Lookup/LookupTableFindV2']).run([words]);
    expect(ids).toMatchObject({ dtype: 'int64', shape: [2] });
    await session.close();
  });

  it('refuses a model of which no signature can be compiled, with every reason', async () => {
    const loading = onnxRuntime().load(fixturePath('lookup_insert', 1), ['serve'], {});
    await expect(loading).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('the signature changes state'),
    });
  });

  it.each([
    [{}, 1],
    [{ weights: 'mapped' }, 0.1 / 1.2],
  ] as const)('estimates the memory of a model with %j', async (options, share) => {
    const folder = await mkdtemp(join(tmpdir(), 'onnx-runtime-'));
    await writeFile(join(folder, 'a'), Buffer.alloc(1000));
    expect(await onnxRuntime(options).estimateBytes(folder)).toBe(Math.ceil(1200 * share));
    await rm(folder, { recursive: true });
  });

  it.each([
    [{ weights: 'huge' }, 'Option "weights" of onnxRuntime() must be "packed" or "mapped", got "huge"'],
    [{ strickt: true }, 'did you mean "strict"'],
  ])('refuses the options %j', (options, message) => {
    expect(() => onnxRuntime(options as OnnxRuntimeOptions)).toThrow(message);
  });
});
