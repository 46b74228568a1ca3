import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensor, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attribute, SavedModelBuilder } from '../../test-doubles/src/saved-model-builder.js';
import { type CompileOptions, compileSavedModel } from './compile-saved-model.js';
import type { ModelStep } from './program/program.js';
import { refusalError } from './refusal-text.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compile-'));
  model = new SavedModelBuilder();
});
afterEach(() => rm(directory, { recursive: true }));

const float = { T: attribute.type('float') };
const numbers = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));

async function compile(options?: CompileOptions) {
  await model.write(directory);
  return compileSavedModel(directory, ['serve'], options);
}

/** y = x · 0.5 + 2, with the factor in a variable of `size` equal numbers. */
function halfPlusTwo(size: number, name = 'serving_default'): void {
  const x = model.placeholder(`${name}_x`, 'float', [-1, size]);
  const factor = model.variable(`${name}_factor`, numbers(...Array(size).fill(0.5)));
  const read = model.node('ReadVariableOp', [factor], { dtype: attribute.type('float') });
  const product = model.node('Mul', [x.tensor, read], float);
  const sum = model.node('AddV2', [product, model.constant(numbers(2))], float);
  model.signature({ x }, { y: { tensor: `${sum}:0`, dtype: 'float', shape: [-1, size] } }, name);
}

function determinant(name: string): void {
  const x = model.placeholder(`${name}_x`, 'double', [-1, 2, 2]);
  const y = model.node('MatrixDeterminant', [x.tensor], { T: attribute.type('double') }, `${name}/det`);
  model.signature({ x }, { y: { tensor: `${y}:0`, dtype: 'double', shape: [-1] } }, name);
}

describe('compileSavedModel', () => {
  it('makes one model of a signature, with its batch dimension', async () => {
    halfPlusTwo(1);
    const { programs, refused } = await compile();
    expect(refused).toEqual([]);
    const [program] = programs;
    expect(program).toMatchObject({
      signature: 'serving_default',
      inputs: [{ alias: 'x', tensor: 'serving_default_x:0', dtype: 'float', shape: [-1, 1], batched: true }],
      outputs: [{ alias: 'y', tensor: 'AddV2_3:0', dtype: 'float', shape: [-1, 1], batched: true }],
      batchable: true,
    });
    expect(program!.steps.map(({ kind }) => kind)).toEqual(['model']);
    expect(program!.outputs[0]!.source).toBe((program!.steps[0] as ModelStep).outputs[0]!.value);
  });

  it('leaves large weights in their file, by their place from the root of the file system', async () => {
    halfPlusTwo(100);
    const [step] = (await compile()).programs[0]!.steps as ModelStep[];
    const [weights] = step!.externalWeights;
    expect(weights).toMatchObject({
      offset: 0,
      length: 400,
      path: expect.stringContaining('variables.data-00000-of-'),
    });
    expect(`/${weights!.location}`).toBe(weights!.path);
    const [embedded] = (await compile({ embedWeights: true })).programs[0]!.steps as ModelStep[];
    expect(embedded!.externalWeights).toEqual([]);
    expect(embedded!.model.length).toBeGreaterThan(step!.model.length + 200);
  });

  it('answers inputs and constants that are outputs without a model', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const constant = model.constant(numbers(1, 2), 'fixed');
    model.signature({ x }, { same: x, fixed: { tensor: `${constant}:0`, dtype: 'float', shape: [2] } });
    const [program] = (await compile()).programs;
    expect(program!.steps).toEqual([]);
    expect(program!.outputs.map(({ source }) => source)).toEqual([program!.inputs[0]!.value, numbers(1, 2)]);
  });

  it('checks ids of the request against the table that they index', async () => {
    const ids = model.placeholder('ids', 'int64', [-1]);
    const axis = model.constant(createTensor('int32', [], Int32Array.of(0)));
    const types = {
      Tparams: attribute.type('float'),
      Tindices: attribute.type('int64'),
      Taxis: attribute.type('int32'),
    };
    const row = model.node('GatherV2', [model.constant(numbers(1, 2, 3)), ids.tensor, axis], types);
    model.signature({ ids }, { y: { tensor: `${row}:0`, dtype: 'float', shape: [-1] } });
    const [program] = (await compile()).programs;
    expect(program!.inputs[0]!.range).toMatchObject({ min: 0, max: 2 });
    const [unchecked] = (await compile({ guards: false })).programs;
    expect(unchecked!.inputs[0]).not.toHaveProperty('range');
  });

  it('compiles the other signatures where one is refused', async () => {
    halfPlusTwo(1, 'plain');
    determinant('exact');
    const { programs, refused } = await compile();
    expect(programs.map(({ signature }) => signature)).toEqual(['plain']);
    expect(refused).toMatchObject([{ signature: 'exact', feeds: ['exact_x:0'], fetches: ['exact/det:0'] }]);
    expect(refusalError(refused, 'Model "m" version 3').message).toBe(
      [
        'Model "m" version 3, signature "exact" can\'t be compiled to ONNX:',
        '  MatrixDeterminant (node exact/det): no float64 kernel in ONNX Runtime; ' +
          'pass { float64: "float32" } to accept float32 results',
        'Serve it with TensorFlow (engine: "tensorflow"), or leave the signature out.',
      ].join('\n'),
    );
  });

  it('computes double in single precision when it may', async () => {
    determinant('exact');
    expect((await compile({ float64: 'float32' })).programs).toHaveLength(1);
  });

  it.each<[string, CompileOptions]>([
    ['strict, and one signature is refused', { strict: true }],
    ['no signature is left', {}],
  ])('rejects with every reason when it is %s', async (_, options) => {
    if (options.strict) halfPlusTwo(1);
    determinant('a');
    determinant('b');
    await expect(compile(options)).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringMatching(/signature "a"(.|\n)*signature "b"/),
    });
  });

  it('compiles for other shapes of inputs, unless the operations have none of their rank', async () => {
    const x = model.placeholder('x', 'float', [-1, 2]);
    const weights = model.constant(createTensor('float', [2, 2], Float32Array.of(1, 0, 0, 1)), 'w');
    const y = model.node('MatMul', [x.tensor, weights], float, 'product');
    model.signature({ x }, { y: { tensor: `${y}:0`, dtype: 'float', shape: [-1, 2] } });
    const [free] = (await compile({ inputShapes: { x: [-1, -1] } })).programs;
    expect(free!.inputs).toMatchObject([{ alias: 'x', shape: [-1, -1] }]);
    await expect(compile({ inputShapes: { x: [-1] } })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('MatMul (node product): needs matrices (input 0 has rank 1)'),
    });
  });

  it('refuses unknown options', async () => {
    halfPlusTwo(1);
    await expect(compile({ float16: 'refuse' } as CompileOptions)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('refusalError', () => {
  it('lists each reason once, and 20 at most', () => {
    const refusals = Array.from({ length: 50 }, (_, i) => ({
      op: 'Svd',
      node: `n${i % 25}`,
      reason: 'no ONNX operator',
    }));
    const { message } = refusalError([{ signature: 's', feeds: [], fetches: [], refusals }]);
    expect(message.split('\n')).toHaveLength(23);
    expect(message).toContain('\n  and 5 more\n');
  });
});
