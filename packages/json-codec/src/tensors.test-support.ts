/** Tensors for round trips. */
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { expect } from 'vitest';

const arrays = {
  float: fc.float32Array,
  double: fc.float64Array,
  int8: fc.int8Array,
  uint8: fc.uint8Array,
  int16: fc.int16Array,
  int32: fc.int32Array,
  uint32: fc.uint32Array,
  int64: fc.bigInt64Array,
  uint64: fc.bigUint64Array,
  bool: fc.uint8Array,
} as const;

type RoundTripType = keyof typeof arrays | 'string';

/** Tensors of every data type that JSON carries, whose size in every dimension, or in all but the last, is above 0. */
export const tensorsOf = (batch: number | undefined): fc.Arbitrary<Tensor> =>
  fc
    .record({
      dtype: fc.constantFrom<RoundTripType>('string', ...(Object.keys(arrays) as (keyof typeof arrays)[])),
      shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
      empty: fc.boolean(),
    })
    .chain(({ dtype, shape, empty }): fc.Arbitrary<Tensor> => {
      const sizes = batch === undefined ? shape : [batch, ...shape];
      if (empty && sizes.length > 1) sizes[sizes.length - 1] = 0;
      const length = sizes.reduce((product, size) => product * size, 1);
      const range = { minLength: length, maxLength: length };
      if (dtype === 'string') {
        return fc
          .array(fc.uint8Array(), range)
          .map((values) => createTensor('string', sizes, StringArray.from(values)));
      }
      const max = dtype === 'bool' ? { max: 1 } : {};
      return (arrays[dtype] as (constraints: object) => fc.Arbitrary<never>)({ ...range, ...max }).map((data) =>
        createTensor(dtype, sizes, data),
      );
    });

/** Same data type, shape, array type and values; NaNs are alike, zeros of different sign aren't. */
export function expectSame(a: Tensor, b: Tensor): void {
  expect([b.dtype, b.shape]).toEqual([a.dtype, a.shape]);
  if (a.data instanceof StringArray && b.data instanceof StringArray) {
    for (let i = 0; i < a.data.length; i++) expect([...b.data.at(i)]).toEqual([...a.data.at(i)]);
  } else {
    expect(b.data.constructor).toBe(a.data.constructor);
    expect(Array.from(b.data as Float64Array)).toEqual(Array.from(a.data as Float64Array));
  }
}
