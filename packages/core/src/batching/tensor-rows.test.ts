import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataTypeInfo, type TensorDataMap, type TensorDataType } from '../tensor/data-type.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type Tensor } from '../tensor/tensor.js';
import { elementCount } from '../tensor/tensor-shape.js';
import { concatRows, largestRowShape, padRows, sliceRows } from './tensor-rows.js';

const dtypes: readonly TensorDataType[] = [
  'float',
  'double',
  'half',
  'bfloat16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'complex64',
  'complex128',
  'qint8',
  'quint8',
  'qint16',
  'quint16',
  'qint32',
  'string',
];

/** A tensor whose values count on from `start`, in a view that begins inside its buffer. */
function counting(dtype: TensorDataType, shape: readonly number[], start = 0): Tensor {
  const { array, width } = dataTypeInfo(dtype);
  const count = elementCount(shape) * width;
  const values = Array.from({ length: count + 1 }, (_, i) => (start + i + 99) % 100);
  if (array === undefined) {
    const strings = StringArray.from(values.map((value) => 's'.repeat(value % 3) + value));
    return createTensor('string', shape, strings.subarray(1));
  }
  const data = new array(values.length);
  for (const [i, value] of values.entries())
    data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(value) : value;
  return createTensor(dtype, shape, data.subarray(1) as TensorDataMap[TensorDataType]);
}

/** Rows as plain lists, to compare. */
function values({ data }: Tensor): unknown[] {
  return data instanceof StringArray ? data.toStrings() : Array.from(data as Float32Array);
}

describe.each(dtypes)('concatRows and sliceRows of %s', (dtype) => {
  it('join tensors, and cut them apart again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        (sizes, rowShape) => {
          const tensors = sizes.map((rows, i) => counting(dtype, [rows, ...rowShape], 20 * i));
          const joined = concatRows(tensors);
          expect(joined.shape).toEqual([sizes.reduce((sum, rows) => sum + rows), ...rowShape]);
          expect(values(joined)).toEqual(tensors.flatMap(values));
          let begin = 0;
          for (const tensor of tensors) {
            const end = begin + tensor.shape[0]!;
            const rows = sliceRows(joined, begin, end);
            expect(rows.shape).toEqual(tensor.shape);
            expect(values(rows)).toEqual(values(tensor));
            begin = end;
          }
        },
      ),
    );
  });

  it("pads with the last tensor's first row", () => {
    const [a, b] = [counting(dtype, [1, 2]), counting(dtype, [2, 2], 10)];
    const joined = concatRows([a, b], 2);
    expect(joined.shape).toEqual([5, 2]);
    const row = values(sliceRows(b, 0, 1));
    expect(values(joined)).toEqual([...values(a), ...values(b), ...row, ...row]);
  });

  it('pads the end of each dimension with the first element', () => {
    const [a, b] = [counting(dtype, [1, 1, 2], 1), counting(dtype, [2, 3, 1], 7)];
    const rowShape = largestRowShape([a, b])!;
    expect(rowShape).toEqual([3, 2]);
    const padded = padRows(b, rowShape);
    expect(padded.shape).toEqual([2, 3, 2]);
    const element = (i: number): unknown[] => values(sliceRows({ ...b, shape: [6] }, i, i + 1));
    const first = element(0);
    expect(values(padded)).toEqual([0, 1, 2, 3, 4, 5].flatMap((i) => [...element(i), ...first]));
  });
});

describe('concatRows', () => {
  it('copies nothing where there is one tensor only', () => {
    const tensor = counting('float', [2, 2]);
    expect(concatRows([tensor])).toBe(tensor);
  });
});

describe('sliceRows', () => {
  it('copies nothing', () => {
    const tensor = counting('float', [3, 2]);
    const rows = sliceRows(tensor, 1, 2);
    expect((rows.data as Float32Array).buffer).toBe((tensor.data as Float32Array).buffer);
  });
});

describe('largestRowShape', () => {
  it('is none where all agree', () => {
    expect(largestRowShape([counting('float', [1, 2]), counting('float', [3, 2])])).toBeUndefined();
    expect(padRows(counting('float', [1, 2]), [2])).toMatchObject({ shape: [1, 2] });
  });
});
