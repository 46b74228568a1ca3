import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileSavedModel } from '../compile-saved-model.js';
import { attribute, SavedModelBuilder } from '../graph/saved-model-builder.test-support.js';
import { compileSavedModelInThread } from './compile-in-thread.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compile-thread-'));
  model = new SavedModelBuilder();
});
afterEach(() => rm(directory, { recursive: true }));

/** Above the size from which a thread is used. */
const LARGE = 2 ** 19;
const float = { T: attribute.type('float') };
const ones = (size: number): Tensor => createTensor('float', [size], new Float32Array(size).fill(1));

/** y = x + a variable of `size` numbers, beside a constant of strings. */
function sum(size: number): void {
  const x = model.placeholder('x', 'float', [-1, size]);
  const read = model.node('ReadVariableOp', [model.variable('ones', ones(size))], { dtype: attribute.type('float') });
  const y = model.node('AddV2', [x.tensor, read], float);
  const names = model.constant(createTensor('string', [2], StringArray.from(['one', 'two'])), 'names');
  model.signature(
    { x },
    {
      y: { tensor: `${y}:0`, dtype: 'float', shape: [-1, size] },
      names: { tensor: `${names}:0`, dtype: 'string', shape: [2] },
    },
  );
}

function lowerCase(): void {
  const text = model.placeholder('text', 'string', [-1]);
  const lower = model.node('StringLower', [text.tensor], {});
  model.signature({ text }, { lower: { tensor: `${lower}:0`, dtype: 'string', shape: [-1] } }, 'lower');
}

describe('compileSavedModelInThread', () => {
  it.each([
    ['of a few bytes', 3],
    ['of megabytes', LARGE],
  ])('makes the programs of compileSavedModel for a model %s', async (_size, size) => {
    sum(size);
    await model.write(directory);
    const compiled = await compileSavedModelInThread(directory, ['serve']);
    expect(compiled).toEqual(await compileSavedModel(directory, ['serve']));
    const [, names] = compiled.programs[0]!.outputs;
    expect((names!.source as Tensor<'string'>).data.toStrings()).toEqual(['one', 'two']);
  });

  it('compiles signatures with stages, whose functions stay on their thread, too', async () => {
    sum(LARGE);
    lowerCase();
    await model.write(directory);
    const { programs, refused } = await compileSavedModelInThread(directory, ['serve']);
    expect(refused).toEqual([]);
    expect(programs.map(({ signature, steps }) => [signature, steps.map(({ kind }) => kind)])).toEqual([
      ['serving_default', ['model']],
      ['lower', ['kernel']],
    ]);
  });

  it('rejects with the error of the compilation', async () => {
    sum(LARGE);
    await model.write(directory);
    await expect(compileSavedModelInThread(directory, ['train'])).rejects.toMatchObject({
      name: 'ServingError',
      code: 'NOT_FOUND',
      message: expect.stringContaining('train'),
    });
  });
});
