import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import type { DataType, TensorDataType } from './data-type.js';
import { StringArray } from './string-array.js';
import { createTensor } from './tensor.js';
import type { TensorLike } from './tensor-like.js';
import { toTensor } from './to-tensor.js';

const convert = (value: unknown, dtype: DataType = 'float') =>
  toTensor(value as TensorLike, { name: 'x', dtype, shape: undefined });

function problemWith(value: unknown, dtype: DataType = 'float'): string {
  try {
    convert(value, dtype);
  } catch (error) {
    if (error instanceof ServingError && error.code === 'INVALID_ARGUMENT') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('toTensor of nested arrays', () => {
  it.each<[unknown, TensorDataType, number[], ArrayLike<number | bigint>]>([
    [3, 'float', [], Float32Array.of(3)],
    [[], 'float', [0], Float32Array.of()],
    [[[], []], 'float', [2, 0], Float32Array.of()],
    [[[1, 2, 3]], 'double', [1, 3], Float64Array.of(1, 2, 3)],
    [[Number.NaN, Number.NEGATIVE_INFINITY], 'float', [2], Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY)],
    [[[[1], [2]]], 'int32', [1, 2, 1], Int32Array.of(1, 2)],
    [[1, 2n, -(2n ** 63n)], 'int64', [3], BigInt64Array.of(1n, 2n, -(2n ** 63n))],
    [[2n ** 64n - 1n, 7], 'uint64', [2], BigUint64Array.of(2n ** 64n - 1n, 7n)],
    [[true, false], 'bool', [2], Uint8Array.of(1, 0)],
    [[1, -2], 'half', [2], Uint16Array.of(0x3c00, 0xc000)],
    [[1, -2], 'bfloat16', [2], Uint16Array.of(0x3f80, 0xc000)],
    [[-128, 127], 'qint8', [2], Int8Array.of(-128, 127)],
    [[4294967295], 'uint32', [1], Uint32Array.of(4294967295)],
  ])('takes %o as %s', (value, dtype, shape, data) => {
    expect(convert(value, dtype)).toEqual({ dtype, shape, data });
  });

  it('takes strings and bytes, scalars too', () => {
    const tensor = convert([['tea', new Uint8Array([0xff])]], 'string');
    expect(tensor.shape).toEqual([1, 2]);
    expect((tensor.data as StringArray).at(1)).toEqual(new Uint8Array([0xff]));
    expect(convert('tea', 'string')).toMatchObject({ shape: [] });
    expect(convert(Buffer.from('tea'), 'string')).toMatchObject({ shape: [] });
  });

  it.each<[unknown, DataType, string]>([
    [[1, 'a'], 'float', 'inputs.x[1]: expected a number for float, got string "a"'],
    [[[1, 2], [3]], 'float', 'inputs.x[1]: expected 2 elements as in the first array of this level, got 1'],
    [[[1], 2], 'float', 'inputs.x[1]: expected an array'],
    [[1, [2]], 'float', 'inputs.x[1]: expected a number for float, got an array of 1'],
    [
      [
        [1, 2],
        [3, null],
      ],
      'float',
      'inputs.x[1][1]: expected a number for float, got null',
    ],
    [[[[1]], [[2], [3]]], 'float', 'inputs.x[1]: expected 1 elements'],
    [new Array(2), 'float', 'inputs.x[0]: expected a number for float, got undefined'],
    [undefined, 'float', 'inputs.x: expected a number for float, got undefined'],
    [{ a: 1 }, 'float', 'inputs.x: expected float, got Object'],
    [null, 'float', 'inputs.x: expected a number for float, got null'],
    [[1n], 'float', 'inputs.x[0]: expected a number for float, got bigint 1'],
    [[true], 'float', 'inputs.x[0]: expected a number for float, got true'],
    [[1], 'bool', 'inputs.x[0]: expected true or false for bool, got 1'],
    [[128], 'int8', 'inputs.x[0]: expected an integer from -128 to 127 for int8, got 128'],
    [[-1], 'uint8', 'inputs.x[0]: expected an integer from 0 to 255 for uint8, got -1'],
    [[1.5], 'int32', 'inputs.x[0]: expected an integer from -2147483648'],
    [[Number.NaN], 'int32', 'got NaN'],
    [[2 ** 53], 'int64', 'inputs.x[0]: expected a bigint, or an integer within ±(2^53 - 1), for int64, got 9007'],
    [[2n ** 63n], 'int64', 'got bigint 9223372036854775808'],
    [[-1], 'uint64', 'inputs.x[0]: expected a bigint'],
    [['a', 1], 'string', 'inputs.x[1]: expected a string or a Uint8Array for string, got 1'],
    [[[1, 2]], 'complex64', 'inputs.x: complex64 values are handed in as a typed array with a shape'],
    [[1], 'resource', "inputs.x: tensors of type resource can't be handed in"],
  ])('refuses %o as %s', (value, dtype, message) => {
    expect(problemWith(value, dtype)).toContain(message);
  });

  it('refuses an array that contains itself', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(problemWith(cyclic)).toBe('inputs.x: arrays are nested more than 254 deep');
  });

  it('refuses a false shape before it takes the memory that the shape asks for', () => {
    const wide = new Array(40_000).fill(0);
    const ragged: number[][] = new Array(40_000).fill([]);
    ragged[0] = wide;
    expect(problemWith(ragged)).toContain('inputs.x[1]: expected 40000 elements');
  });

  it('keeps values and shape of whatever is regular', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.float()), (shape, values) => {
        const flat: number[] = [];
        const build = (depth: number): unknown => {
          const size = shape[depth];
          if (size !== undefined) return Array.from({ length: size }, () => build(depth + 1));
          const { value } = values.next();
          flat.push(value);
          return value;
        };
        const nested = build(0);
        expect(convert(nested)).toEqual({ dtype: 'float', shape, data: Float32Array.from(flat) });
      }),
    );
  });

  it('names the place of any one bad element', () => {
    const grid = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(grid, fc.nat(), fc.nat(), ([rows, columns], r, c) => {
        const [row, column] = [r % rows, c % columns];
        const array: unknown[][] = Array.from({ length: rows }, () => new Array<unknown>(columns).fill(0));
        array[row]![column] = Symbol('bad');
        expect(problemWith(array, 'int32')).toContain(`inputs.x[${row}][${column}]: `);
      }),
    );
  });
});

describe('toTensor of typed arrays', () => {
  it('uses the array itself, in one dimension', () => {
    const data = new Float32Array([1, 2]);
    const tensor = convert(data);
    expect(tensor).toEqual({ dtype: 'float', shape: [2], data });
    expect(tensor.data).toBe(data);
  });

  it('counts pairs for complex numbers', () => {
    expect(convert(new Float64Array(6), 'complex128').shape).toEqual([3]);
    expect(convert({ shape: [1, 3], data: new Float32Array(6) }, 'complex64').shape).toEqual([1, 3]);
    expect(problemWith(new Float32Array(5), 'complex64')).toContain('inputs.x: ');
  });

  it('takes a shape with it', () => {
    expect(convert({ shape: [2, 1], data: new Float32Array(2) })).toMatchObject({ dtype: 'float', shape: [2, 1] });
  });

  it('takes arrays of another realm', () => {
    expect(convert(runInNewContext('new Float32Array([1, 2])')).shape).toEqual([2]);
  });

  it.each<[unknown, DataType, string]>([
    [new Float64Array(2), 'float', 'inputs.x: expected float, held in Float32Array, got Float64Array'],
    [new Float32Array(2), 'half', 'inputs.x: expected half, held in Uint16Array, got Float32Array'],
    [new DataView(new ArrayBuffer(4)), 'float', 'got DataView'],
    [{ shape: [3], data: new Float32Array(2) }, 'float', 'inputs.x: a float tensor of shape [3] holds 3 values, got 2'],
    [{ shape: [-1], data: new Float32Array(2) }, 'float', 'inputs.x: Dimension -1'],
    [{ shape: [1], data: [1] }, 'float', 'inputs.x: expected float, held in Float32Array, got an array of 1'],
    [{ shape: [1], data: new Uint8Array(1) }, 'string', 'inputs.x: expected string, held in strings, got Uint8Array'],
    [new Uint8Array([0, 2]), 'bool', 'inputs.x[1]: expected bool, held as 0 or 1, got 2'],
  ])('refuses %o as %s', (value, dtype, message) => {
    expect(problemWith(value, dtype)).toContain(message);
  });
});

describe('toTensor of tensors', () => {
  it('passes on what is of the right type', () => {
    const tensor = createTensor('int64', [1], new BigInt64Array(1));
    expect(convert(tensor, 'int64')).toBe(tensor);
    const strings = createTensor('string', [1], StringArray.from(['a']));
    expect(convert(strings, 'string')).toBe(strings);
  });

  it.each<[unknown, DataType, string]>([
    [createTensor('int32', [1], new Int32Array(1)), 'int64', 'inputs.x: expected int64, got int32'],
    [{ dtype: 'float', shape: [2], data: new Float32Array(1) }, 'float', 'holds 2 values, got 1'],
    [{ dtype: 'float', shape: [1], data: new Int32Array(1) }, 'float', 'got Int32Array'],
    [{ dtype: 'string', shape: [1], data: ['a'] }, 'string', 'a string tensor whose data is an array of 1'],
  ])('refuses %o as %s', (value, dtype, message) => {
    expect(problemWith(value, dtype)).toContain(message);
  });
});

describe('toTensor of a bool tensor', () => {
  it('counts bytes other than 0 as 1, and leaves the caller its bytes', () => {
    const data = Uint8Array.of(0, 1, 2, 255);
    expect(convert(createTensor('bool', [4], data), 'bool').data).toEqual(Uint8Array.of(0, 1, 1, 1));
    expect(data).toEqual(Uint8Array.of(0, 1, 2, 255));
  });

  it('passes one of zeros and ones on as it is', () => {
    const tensor = createTensor('bool', [2], Uint8Array.of(0, 1));
    expect(convert(tensor, 'bool')).toBe(tensor);
  });
});

describe('toTensor of tf.Tensors', () => {
  const tf = (dtype: string, shape: number[], values: unknown) => ({ dtype, shape, dataSync: () => values });

  it.each<[unknown, TensorDataType, unknown]>([
    [tf('float32', [2], Float32Array.of(1, 2)), 'float', Float32Array.of(1, 2)],
    [tf('int32', [2], Int32Array.of(1, 2)), 'int32', Int32Array.of(1, 2)],
    [tf('bool', [2], Uint8Array.of(1, 0)), 'bool', Uint8Array.of(1, 0)],
    [tf('complex64', [2], Float32Array.of(1, 2, 3, 4)), 'complex64', Float32Array.of(1, 2, 3, 4)],
    [tf('string', [2], ['a', 'b']), 'string', StringArray.from(['a', 'b'])],
    [tf('int32', [2], Int32Array.of(1, -2)), 'int64', BigInt64Array.of(1n, -2n)],
    [tf('float32', [2], Float32Array.of(1, 0.5)), 'double', Float64Array.of(1, 0.5)],
  ])('takes %o as %s', (value, dtype, data) => {
    expect(convert(value, dtype)).toEqual({ dtype, shape: [2], data });
  });

  it.each<[unknown, DataType, string]>([
    [tf('int32', [1], Int32Array.of(1)), 'float', 'inputs.x: expected float, got a tf.Tensor of int32'],
    [tf('string', [2], ['a']), 'string', 'holds 2 values, got 1'],
    [tf('uint9', [1], Uint8Array.of(1)), 'uint8', 'got a tf.Tensor of uint9'],
  ])('refuses %o as %s', (value, dtype, message) => {
    expect(problemWith(value, dtype)).toContain(message);
  });
});
