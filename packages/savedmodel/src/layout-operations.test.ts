import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PREDICT_METHOD_NAME, type Signature } from '@serving/core';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { fixturePath } from './fixtures.test-support.js';
import { checkDeclaredShapes, mayHaveLayoutOperations } from './layout-operations.js';

describe('mayHaveLayoutOperations', () => {
  it.each([
    ['digits', 2, true],
    ['half_plus_two', 123, false],
    ['mlp', 1, false],
    ['image', 1, false],
  ])('says of %s %i: %s', async (name, version, expected) => {
    expect(mayHaveLayoutOperations(await readFile(join(fixturePath(name, version), 'saved_model.pb')))).toBe(expected);
  });

  it.each([
    ['op: "DepthwiseConv2dNative"', true],
    ['op: "MaxPoolV2"', true],
    ['op: "FusedBatchNormV3"', true],
    ['op: "MatMul"', false],
  ])('says of the text %s: %s', (text, expected) => {
    expect(mayHaveLayoutOperations(text)).toBe(expected);
  });
});

describe('checkDeclaredShapes', () => {
  const signature = (shape: readonly number[] | undefined): Signature => ({
    name: 's',
    methodName: PREDICT_METHOD_NAME,
    inputs: new Map([['x', { name: 'x', dtype: 'float', shape }]]),
    outputs: new Map(),
    defaults: new Map(),
  });
  const inputs = (shape: readonly number[]): NamedTensors => {
    const size = shape.reduce((product, length) => product * length, 1);
    return Object.assign(Object.create(null), { x: createTensor('float', shape, new Float32Array(size)) });
  };

  it.each([
    [undefined, [2, 3]],
    [[], []],
    [
      [-1, 3],
      [2, 3],
    ],
    [
      [-1, -1],
      [0, 5],
    ],
  ])('declared as %j takes %j', (declared, shape) => {
    expect(() => checkDeclaredShapes(signature(declared), inputs(shape))).not.toThrow();
  });

  it.each([
    [[], [1], '[]'],
    [[-1, 3], [3], '[?, 3]'],
    [[-1, 3], [2, 4], '[?, 3]'],
    [[-1, 3], [1, 2, 3], '[?, 3]'],
  ])('declared as %j refuses %j', (declared, shape, expected) => {
    expect(() => checkDeclaredShapes(signature(declared), inputs(shape))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `Input x of signature "s" has shape [${shape.join(', ')}]; expected ${expected}`,
      }),
    );
  });

  it('leaves missing inputs to others', () => {
    expect(() => checkDeclaredShapes(signature([1]), {})).not.toThrow();
  });
});
