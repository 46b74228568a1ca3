/** Random operations with random inputs, from the operator table. */
import { elementCount, type Tensor, type TensorDataType } from '@serving/core/tensor';
import fc from 'fast-check';
import { attribute } from '../../../test-doubles/src/saved-model-builder.js';
import { type CaseInput, type OpCase, opCase } from './op-case.test-support.js';
import { constant, constantScalar, mixed, tensor } from './values.test-support.js';

const REAL: readonly TensorDataType[] = ['float', 'double'];
const NUMBERS: readonly TensorDataType[] = ['float', 'double', 'int32', 'int64', 'int8', 'uint8', 'int16'];
const ANY: readonly TensorDataType[] = [...NUMBERS, 'uint16', 'uint32', 'uint64', 'half', 'bfloat16', 'bool'];
const SUM = { relative: 1e-5, absolute: 1e-5 };

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const shape = (minRank: number, maxRank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });
const seed = fc.integer({ min: 1, max: 1e6 });

/** A tensor of a shape; some are constants. */
const input = (dtype: TensorDataType, of: readonly number[]): fc.Arbitrary<CaseInput> =>
  fc.tuple(seed, fc.boolean()).map(([start, isConstant]) => {
    const value = mixed(dtype, of, start);
    return isConstant ? { constant: value } : value;
  });

/** A shape that is broadcast to another one. */
const narrower = (of: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: of.length }),
      fc.array(fc.boolean(), { minLength: of.length, maxLength: of.length }),
    )
    .map(([skipped, ones]) => of.map((size, axis) => (ones[axis] ? 1 : size)).slice(skipped));

const ints = (values: readonly number[]): CaseInput => constant('int32', values);
const axisOf = (rank: number): fc.Arbitrary<number> => fc.integer({ min: -rank, max: rank - 1 });

const binary: fc.Arbitrary<OpCase> = fc
  .tuple(
    oneOf(
      'AddV2',
      'Sub',
      'Mul',
      'Maximum',
      'Minimum',
      'Less',
      'GreaterEqual',
      'Equal',
      'NotEqual',
      'FloorDiv',
      'FloorMod',
    ),
    oneOf(...NUMBERS),
    shape(0, 3),
  )
  .chain(([op, dtype, of]) =>
    fc
      .tuple(
        input(dtype, of),
        narrower(of).chain((other) => input(dtype, other)),
      )
      .map((pair) => opCase(op, pair)),
  );

const unary: fc.Arbitrary<OpCase> = fc
  .tuple(
    oneOf(
      'Exp',
      'Tanh',
      'Sigmoid',
      'Softplus',
      'Elu',
      'Selu',
      'Relu6',
      'Expm1',
      'Sinh',
      'Cosh',
      'Asinh',
      'Square',
      'Neg',
      'Sign',
    ),
    oneOf(...REAL),
    shape(0, 3),
  )
  .chain(([op, dtype, of]) => input(dtype, of).map((value) => opCase(op, [value])));

const reduced: fc.Arbitrary<OpCase> = fc
  .tuple(
    oneOf('Sum', 'Mean', 'Max', 'Min', 'Prod'),
    oneOf('float', 'double', 'int32', 'int64'),
    shape(1, 3),
    fc.boolean(),
  )
  .chain(([op, dtype, of, keeps]) =>
    fc.tuple(input(dtype as 'float', of), fc.subarray(of.map((_, axis) => axis))).map(([value, axes]) =>
      opCase(op, [value, ints(axes)], {
        attributes: { keep_dims: attribute.bool(keeps) },
        tolerance: SUM,
        name: `${axes}, ${keeps}`,
      }),
    ),
  );

/** Places and steps of one dimension, around and beyond its ends. */
const slicePart = fc.tuple(
  fc.integer({ min: -6, max: 6 }),
  fc.integer({ min: -6, max: 6 }),
  oneOf(1, 1, 2, -1, -2),
  oneOf<'range' | 'from' | 'to' | 'all' | 'one' | 'new'>('range', 'from', 'to', 'all', 'one', 'new'),
);

const strided: fc.Arbitrary<OpCase> = shape(1, 3).chain((of) =>
  fc
    .tuple(input('float', of), fc.array(slicePart, { minLength: 1, maxLength: 4 }), fc.integer({ min: -1, max: 3 }))
    .filter(([, parts]) => parts.filter(([, , , kind]) => kind !== 'new').length <= of.length)
    .map(([value, parts, ellipsis]) => {
      const masks = { begin: 0, end: 0, new_axis: 0, shrink_axis: 0, ellipsis: 0 };
      const begin: number[] = [];
      const end: number[] = [];
      const strides: number[] = [];
      let axis = 0;
      for (const [i, [start, stop, step, kind]] of parts.entries()) {
        const isEllipsis = i === ellipsis && i === parts.length - 1;
        // A single position has to exist.
        const size = of[Math.min(axis, of.length - 1)]!;
        begin.push(kind === 'one' ? Math.abs(start) % size : start);
        end.push(stop);
        strides.push(kind === 'one' || kind === 'new' ? 1 : step);
        if (isEllipsis) masks.ellipsis |= 1 << i;
        else if (kind === 'new') masks.new_axis |= 1 << i;
        else if (kind === 'one') masks.shrink_axis |= 1 << i;
        if (kind === 'from' || kind === 'all') masks.end |= 1 << i;
        if (kind === 'to' || kind === 'all') masks.begin |= 1 << i;
        if (kind !== 'new' && !isEllipsis) axis++;
      }
      const attributes = Object.fromEntries(
        Object.entries(masks).map(([name, mask]) => [`${name}_mask`, attribute.int(mask)]),
      );
      const name = `${begin}:${end}:${strides} ${JSON.stringify(masks)}`;
      return opCase('StridedSlice', [value, ints(begin), ints(end), ints(strides)], { attributes, name });
    }),
);

const moved: fc.Arbitrary<OpCase> = fc.tuple(oneOf(...ANY), shape(1, 3)).chain(([dtype, of]) => {
  const rank = of.length;
  const value = input(dtype, of);
  return fc.oneof(
    fc
      .tuple(
        value,
        fc.shuffledSubarray(
          of.map((_, axis) => axis),
          { minLength: rank },
        ),
      )
      .map(([x, perm]) => opCase('Transpose', [x, ints(perm)], { name: `${perm}` })),
    fc
      .tuple(value, value, axisOf(rank))
      .map(([x, y, axis]) => opCase('ConcatV2', [x, y, constantScalar('int32', axis)], { name: `${axis}` })),
    fc
      .tuple(value, value, axisOf(rank + 1))
      .map(([x, y, axis]) => opCase('Pack', [x, y], { attributes: { axis: attribute.int(axis) }, name: `${axis}` })),
    fc
      .tuple(value, fc.subarray(of.map((_, axis) => axis)))
      .map(([x, axes]) => opCase('ReverseV2', [x, ints(axes)], { name: `${axes}` })),
    fc
      .tuple(value, fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2 * rank, maxLength: 2 * rank }))
      .map(([x, widths]) => opCase('Pad', [x, constant('int32', widths, [rank, 2])], { name: `${widths}` })),
    fc
      .tuple(value, fc.integer({ min: -7, max: 7 }), axisOf(rank))
      .map(([x, by, axis]) =>
        opCase('Roll', [x, constantScalar('int32', by), constantScalar('int32', axis)], { name: `${by}, ${axis}` }),
      ),
    value.map((x) => opCase('Reshape', [x, ints([-1, of.at(-1)!])])),
    fc
      .tuple(
        value,
        narrower(of).chain((other) => input('bool', other)),
      )
      .map(([x, condition]) => opCase('SelectV2', [condition, x, { constant: mixed(dtype, of, 99) }])),
  );
});

const gathered: fc.Arbitrary<OpCase> = fc.tuple(oneOf(...ANY), shape(1, 3), shape(0, 2)).chain(([dtype, of, idShape]) =>
  fc.tuple(input(dtype, of), fc.integer({ min: 0, max: of.length - 1 }), seed).chain(([value, axis, start]) => {
    const batch = fc.integer({ min: 0, max: axis });
    return batch.map((dims) => {
      const ids = idsBelow(of[axis]!, [...of.slice(0, dims), ...idShape], start);
      return opCase('GatherV2', [value, ids, constantScalar('int32', axis)], {
        attributes: { batch_dims: attribute.int(dims) },
        name: `${axis}, ${dims}`,
      });
    });
  }),
);

function idsBelow(limit: number, of: readonly number[], start: number): Tensor {
  const values = Array.from({ length: elementCount(of) }, (_, i) => (start * 7 + i * 13) % limit);
  return tensor('int32', values, of);
}

const products: fc.Arbitrary<OpCase> = fc
  .tuple(
    oneOf('float', 'double', 'int32'),
    shape(0, 2),
    fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 4 }))),
  )
  .chain(([dtype, batch, sizes]) =>
    fc.tuple(fc.boolean(), fc.boolean(), narrower(batch)).chain(([adjointX, adjointY, other]) => {
      const [m, k, n] = sizes as [number, number, number];
      const x = input(dtype as 'float', [...batch, ...(adjointX ? [k, m] : [m, k])]);
      const y = input(dtype as 'float', [...other, ...(adjointY ? [n, k] : [k, n])]);
      return fc.tuple(x, y).map((pair) =>
        opCase('BatchMatMulV2', pair, {
          attributes: { adj_x: attribute.bool(adjointX), adj_y: attribute.bool(adjointY) },
          tolerance: SUM,
          name: `${adjointX}, ${adjointY}`,
        }),
      );
    }),
  );

/** Some operation of the table. */
export const anyCase: fc.Arbitrary<OpCase> = fc.oneof(binary, unary, reduced, strided, moved, gathered, products);
