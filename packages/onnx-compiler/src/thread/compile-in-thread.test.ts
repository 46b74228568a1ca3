import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attribute, SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';
import { compileSavedModel } from '../compile-saved-model.js';
import { compilerFixtures } from '../fixtures.test-support.js';
import type { KernelStep, ModelStep, Program } from '../program/program.js';
import { compileSavedModelInThread } from './compile-in-thread.js';
import { revivedProgram } from './revived-program.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compile-thread-'));
  model = new SavedModelBuilder();
});
afterEach(() => rm(directory, { recursive: true }));

/** Numbers in the graph, or to read, from which on a thread is used. */
const LARGE_GRAPH = 2 ** 15;
const LARGE_READ = 2 ** 20 + 1;
const float = { T: attribute.type('float') };
const ones = (size: number): Tensor => createTensor('float', [size], new Float32Array(size).fill(1));

/** y = x + `size` numbers, of the graph or a variable, beside a constant of strings. */
function sum(size: number, weights: 'constant' | 'variable'): void {
  const x = model.placeholder('x', 'float', [-1, size]);
  const added =
    weights === 'constant'
      ? model.constant(ones(size), 'ones')
      : model.node('ReadVariableOp', [model.variable('ones', ones(size))], { dtype: attribute.type('float') });
  const y = model.node('AddV2', [x.tensor, added], float);
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

const isModel = (step: Program['steps'][number]): step is ModelStep => step.kind === 'model';

/** Hashes: elements of megabytes would be compared one by one. */
const modelsOf = (programs: readonly Program[]): string[] =>
  programs.flatMap(({ steps }) =>
    steps.filter(isModel).map(({ model: bytes }) => createHash('sha256').update(bytes).digest('hex')),
  );

const withoutModels = (programs: readonly Program[]): unknown[] =>
  programs.map((program) => ({ ...program, steps: program.steps.map((step) => ({ ...step, model: undefined })) }));

describe('compileSavedModelInThread', () => {
  it.each([
    ['of a few bytes', 3, 'variable', {}],
    ['with much to point at', LARGE_READ, 'variable', {}],
    ['with a large graph', LARGE_GRAPH, 'constant', {}],
    ['with much to read', LARGE_READ, 'variable', { embedWeights: true }],
  ] as const)('makes the programs of compileSavedModel for a model %s', async (_size, size, weights, options) => {
    sum(size, weights);
    await model.write(directory);
    const { programs, refused } = await compileSavedModelInThread(directory, ['serve'], options);
    const expected = await compileSavedModel(directory, ['serve'], options);
    expect(refused).toEqual(expected.refused);
    expect(withoutModels(programs)).toEqual(withoutModels(expected.programs));
    expect(modelsOf(programs)).toEqual(modelsOf(expected.programs));
    const [, names] = programs[0]!.outputs;
    expect((names!.source as Tensor<'string'>).data.toStrings()).toEqual(['one', 'two']);
  });

  it('makes the kernels of stages again, which are functions and stay on their thread', async () => {
    sum(LARGE_GRAPH, 'constant');
    lowerCase();
    await model.write(directory);
    const { programs, refused } = await compileSavedModelInThread(directory, ['serve']);
    expect(refused).toEqual([]);
    expect(programs.map(({ signature, steps }) => [signature, steps.map(({ kind }) => kind)])).toEqual([
      ['serving_default', ['model']],
      ['lower', ['kernel']],
    ]);
    const [lower] = programs[1]!.steps as [KernelStep];
    const shouted = createTensor('string', [1], StringArray.from(['LOUD']));
    expect(lower.kernel([shouted], lower.context)).toEqual([createTensor('string', [1], StringArray.from(['loud']))]);
  });

  it('revives constants and tables of strings', async () => {
    const { directory: names } = compilerFixtures().find(({ name }) => name === 'class_names')!;
    const { programs } = await compileSavedModel(names, ['serve']);
    const steps = programs[0]!.steps.map((step) => {
      const { kernel: _, ...rest } = step as KernelStep;
      return isModel(step) ? step : rest;
    });
    const revived = revivedProgram(structuredClone({ ...programs[0]!, steps }));
    const [lookUp] = revived.steps.filter((step) => !isModel(step)) as [KernelStep];
    const [found] = lookUp.kernel([createTensor('int64', [2], BigInt64Array.of(1n, 9n))], lookUp.context);
    expect((found!.data as StringArray).toStrings()).toEqual(['dog', 'unknown']);
  });

  it('rejects with the error of the compilation', async () => {
    sum(LARGE_GRAPH, 'constant');
    await model.write(directory);
    await expect(compileSavedModelInThread(directory, ['train'])).rejects.toMatchObject({
      name: 'ServingError',
      code: 'NOT_FOUND',
      message: expect.stringContaining('train'),
    });
  });
});
