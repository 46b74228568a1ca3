import type { Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ConstantValue } from '../../graph/graph.js';
import { permutedConstant, permuteTensor } from './permuted-constant.js';

const counted = (shape: number[]): Tensor<'int32'> => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: 'int32', shape, data: Int32Array.from({ length }, (_, i) => i) };
};

it('moves each element to where its indices are', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.nat()), (shape, order) => {
      const axes = shape.map((_, axis) => [order.next().value as number, axis] as const);
      const perm = axes.sort(([a], [b]) => a - b).map(([, axis]) => axis);
      const result = permuteTensor(counted(shape), perm) as Tensor<'int32'>;
      expect(result.shape).toEqual(perm.map((axis) => shape[axis]));
      result.data.forEach((value, at) => {
        let rest = value;
        const index = shape.map(() => 0);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          index[axis] = rest % shape[axis]!;
          rest = Math.floor(rest / shape[axis]!);
        }
        const expected = perm.reduce((position, axis) => position * shape[axis]! + index[axis]!, 0);
        expect(at).toBe(expected);
      });
    }),
  );
});

it('returns the same constant for the same order, and reads it once', () => {
  let reads = 0;
  const tensor = () => {
    reads++;
    return counted([2, 3]);
  };
  const constant: ConstantValue = { dtype: 'int32', shape: [2, 3], tensor };
  const turned = permutedConstant(constant, [1, 0]);
  expect(permutedConstant(constant, [1, 0])).toBe(turned);
  expect(permutedConstant(constant, [1, 0], [3, 1, 2])).not.toBe(turned);
  expect(turned.shape).toEqual([3, 2]);
  expect([turned.tensor().data, turned.tensor().data]).toEqual(Array(2).fill(Int32Array.of(0, 3, 1, 4, 2, 5)));
  expect(reads).toBe(1);
});
