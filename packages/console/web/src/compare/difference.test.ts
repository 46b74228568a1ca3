import { describe, expect, it } from 'vitest';
import { dataTypeOf } from '../tensors/data-type.js';
import type { Scalar, Tensor } from '../tensors/tensor.js';
import { differencesOf } from './difference.js';

const tensor = (type: string, shape: number[], ...values: Scalar[]): Tensor => ({
  dtype: dataTypeOf(type),
  shape,
  values,
});

describe('differencesOf', () => {
  it('names the elements that differ most, and the mean', () => {
    const [difference] = differencesOf(
      new Map([['y', tensor('float', [2, 2], 1, 2, 3, 4)]]),
      new Map([['y', tensor('float', [2, 2], 1, 2.5, 3, 2)]]),
    );
    expect(difference).toMatchObject({ count: 4, differing: 2, largest: 2, mean: 0.625 });
    expect(difference?.top.map(({ index }) => index)).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it.each<[string, Tensor, Tensor, number]>([
    ['equal texts', tensor('string', [1], 'a'), tensor('string', [1], 'a'), 0],
    ['other texts', tensor('string', [1], 'a'), tensor('string', [1], 'b'), 1],
    ['two NaN', tensor('float', [1], Number.NaN), tensor('float', [1], Number.NaN), 0],
    ['NaN and a number', tensor('float', [1], Number.NaN), tensor('float', [1], 1), Number.POSITIVE_INFINITY],
    ['large integers', tensor('int64', [1], 2n ** 60n), tensor('int64', [1], 2n ** 60n + 512n), 512],
  ])('of %s', (_, first, second, largest) => {
    expect(differencesOf(new Map([['y', first]]), new Map([['y', second]]))[0]?.largest).toBe(largest);
  });

  it('says why outputs can not be compared', () => {
    const differences = differencesOf(
      new Map([
        ['y', tensor('float', [1], 1)],
        ['z', tensor('float', [1], 1)],
      ]),
      new Map([['y', tensor('float', [2], 1, 2)]]),
    );
    expect(differences.map(({ obstacle }) => obstacle)).toEqual([
      'The shapes differ: [1] and [2].',
      'Only the first version has this output.',
    ]);
  });
});
