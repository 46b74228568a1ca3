import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from './checkpoint.js';
import { writeCheckpoint } from './checkpoint-writer.test-support.js';
import { dataFile, indexFile } from './written-by-tensorflow.test-support.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function write(index: Uint8Array, data: Uint8Array): Promise<Checkpoint> {
  await mkdir(join(directory, 'variables'), { recursive: true });
  await writeFile(join(directory, 'variables', 'variables.index'), index);
  await writeFile(join(directory, 'variables', 'variables.data-00000-of-00001'), data);
  return (await Checkpoint.open(directory))!;
}

describe('a checkpoint that TensorFlow wrote', () => {
  it('gives numbers, with their place in the file', async () => {
    const value = (await write(indexFile, dataFile)).read('b', '');
    expect(value.tensor()).toEqual({ dtype: 'int16', shape: [3], data: Int16Array.of(1, 2, 3) });
    expect(value.file).toMatchObject({ offset: 333, length: 6 });
    expect((await readFile(value.file!.path)).subarray(333, 339)).toEqual(Buffer.from([1, 0, 2, 0, 3, 0]));
  });

  it('gives scalars', async () => {
    const value = (await write(indexFile, dataFile)).read('long', '');
    expect(value.tensor()).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(7n) });
  });

  it('gives booleans without a place, as their bytes need not be 0 and 1', async () => {
    const value = (await write(indexFile, dataFile)).read('flags', '');
    expect(value.file).toBeUndefined();
    expect(value.tensor().data).toEqual(Uint8Array.of(1, 0));
  });

  it('gives strings', async () => {
    const { data } = (await write(indexFile, dataFile)).read('words', '').tensor();
    expect((data as StringArray).toStrings()).toEqual(['a', '', 'bé', 'x'.repeat(200)]);
  });

  it.each([
    ['', [10, 3], 0],
    ['10 3 -:-', [10, 3], 0],
    ['10 3 0,4:0,3', [4, 3], 0],
    ['10 3 4,6:0,3', [6, 3], 12],
    ['10 3 4,6:-', [6, 3], 12],
    ['10 3 3,2:0,3', [2, 3], 9],
  ])('gives slice "%s" of a partitioned variable', async (spec, shape, first) => {
    const value = (await write(indexFile, dataFile)).read('table', spec);
    expect(value.shape).toEqual(shape);
    const data = Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => first + i);
    expect(value.tensor()).toEqual({ dtype: 'float', shape, data });
    expect(value.file !== undefined).toBe(/0,4|4,6/.test(spec));
  });

  it('gives columns across its slices', async () => {
    const value = (await write(indexFile, dataFile)).read('table', '10 3 2,3:1,2');
    expect(value.tensor().data).toEqual(Float32Array.of(7, 8, 10, 11, 13, 14));
  });

  it.each([
    ['a key that is not there', 'nothing', '', /no tensor "nothing"/],
    ['another shape', 'table', '9 3 0,4:0,3', /"table" as \[9,3\].*\[10,3\]/],
    ['a slice outside of its tensor', 'table', '10 3 8,4:0,3', /not a slice/],
    ['a slice that is not one', 'table', '10 3 x', /not a slice/],
  ])('refuses %s', async (_, key, spec, message) => {
    const checkpoint = await write(indexFile, dataFile);
    expect(() => checkpoint.read(key, spec)).toThrow(
      expect.objectContaining({ code: 'DATA_LOSS', message: expect.stringMatching(message) }),
    );
  });

  it('refuses strings whose bytes changed', async () => {
    const changed = Buffer.from(dataFile);
    changed[changed.indexOf('xxx')] = 0x79;
    const words = (await write(indexFile, changed)).read('words', '');
    expect(() => words.tensor()).toThrow(/"words" is damaged: its checksum is wrong/);
  });

  it('refuses numbers that lie behind the end of the data', async () => {
    const checkpoint = await write(indexFile, dataFile.subarray(0, 340));
    expect(() => checkpoint.read('long', '')).toThrow(/"long" lies outside of/);
  });
});

describe('opening a checkpoint', () => {
  it('finds none in a folder without variables', async () => {
    expect(await Checkpoint.open(directory)).toBeUndefined();
  });

  it('refuses a folder without its data file', async () => {
    await write(indexFile, dataFile);
    await rm(join(directory, 'variables', 'variables.data-00000-of-00001'));
    await expect(Checkpoint.open(directory)).rejects.toThrow(expect.objectContaining({ code: 'DATA_LOSS' }));
  });

  it('fails with DATA_LOSS, or reads on, for any damage of the index', async () => {
    await write(indexFile, dataFile);
    const path = join(directory, 'variables', 'variables.index');
    await fc.assert(
      fc.asyncProperty(fc.nat(indexFile.length - 1), fc.integer({ min: 0, max: 255 }), async (position, byte) => {
        const changed = Buffer.from(indexFile);
        changed[position] = byte;
        await writeFile(path, changed);
        try {
          const checkpoint = (await Checkpoint.open(directory))!;
          for (const key of ['table', 'words', 'b', 'flags', 'long']) checkpoint.read(key, '').tensor();
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/DATA_LOSS|UNIMPLEMENTED|INVALID_ARGUMENT/));
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

it('reads what the writer of these tests writes', async () => {
  const variables: Record<string, Tensor> = {
    w: { dtype: 'float', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    empty: { dtype: 'double', shape: [0, 3], data: new Float64Array(0) },
    s: { dtype: 'string', shape: [2], data: StringArray.from(['x', 'yz']) },
  };
  await writeCheckpoint(directory, variables);
  const checkpoint = (await Checkpoint.open(directory))!;
  for (const [key, tensor] of Object.entries(variables)) expect(checkpoint.read(key, '').tensor()).toEqual(tensor);
  expect(checkpoint.read('empty', '').file).toBeUndefined();
});
