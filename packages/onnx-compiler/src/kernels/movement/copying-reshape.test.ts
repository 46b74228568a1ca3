import { expect, it } from 'vitest';
import { kernelFor } from '../kernel-table.js';

it.each([
  [
    [2, 6],
    [0, -1],
    [2, 6],
  ],
  [
    [2, 6],
    [0, 2, 3],
    [2, 2, 3],
  ],
  [
    [0, 3, 4],
    [0, 12],
    [0, 12],
  ],
  [
    [0, 3, 4],
    [0, -1],
    [0, 12],
  ],
])('_Reshape of %j to %j has shape %j', (shape, sizes, expected) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const value = sizes.map((size) => ({ kind: 'int', value: BigInt(size) }) as const);
  const context = { attributes: new Map([['shape', { kind: 'list', value } as const]]) };
  const x = { dtype: 'float', shape, data: new Float32Array(count) } as const;
  expect(kernelFor('_Reshape')!(context)([x], context)[0]!.shape).toEqual(expected);
});
