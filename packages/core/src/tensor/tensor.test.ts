import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataTypeEnumName, dataTypeFromNumber, dataTypeInfo, isTensorDataType } from './data-type.js';
import { StringArray } from './string-array.js';
import { createTensor, type Tensor } from './tensor.js';
import { elementCount, formatShape } from './tensor-shape.js';

describe('createTensor', () => {
  it('takes data of the length that the shape asks for', () => {
    expect(createTensor('complex64', [2], new Float32Array(4)).shape).toEqual([2]);
    expect(createTensor('string', [], StringArray.from(['a'])).dtype).toBe('string');
  });

  it('refuses another length', () => {
    expect(() => createTensor('float', [2, 2], new Float32Array(3))).toThrow(
      'A float tensor of shape [2,2] holds 4 values, but its data has 3',
    );
  });
});

describe('a tensor', () => {
  it.each<[Tensor, unknown]>([
    [createTensor('float', [], new Float32Array([0.5])), 0.5],
    [createTensor('int64', [], new BigInt64Array([2n ** 60n])), 2n ** 60n],
    [createTensor('string', [], StringArray.from(['a'])), 'a'],
  ])('has its data typed by its data type', (tensor, first) => {
    const firstOf = (): number | bigint | string | undefined => {
      if (tensor.dtype === 'float') return tensor.data.at(0) satisfies number | undefined;
      if (tensor.dtype === 'int64') return tensor.data.at(0) satisfies bigint | undefined;
      if (tensor.dtype === 'string') return tensor.data.toStrings()[0];
      return undefined;
    };
    expect(firstOf()).toBe(first);
  });
});

describe('elementCount', () => {
  it.each<[number[], number]>([
    [[], 1],
    [[0, 5], 0],
    [Array(254).fill(1), 1],
    [[2 ** 31 - 1, 0], 0],
    [[2, 3], 6],
    [[2 ** 31 - 1], 2 ** 31 - 1],
  ])('of %j is %i', (shape, count) => {
    expect(elementCount(shape)).toBe(count);
  });

  it.each([
    [[-1]],
    [[1.5]],
    [[Number.NaN]],
    [[2 ** 31]],
    [[2 ** 16, 2 ** 15]],
    [[0, 2 ** 31]],
    [[2 ** 40, 2 ** 40, 0]],
    [[...Array(63).fill(2 ** 53), 0]],
    [Array(255).fill(1)],
  ])('refuses %j', (shape) => {
    expect(() => elementCount(shape)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('has a text for shapes that are not known', () => {
    expect([formatShape([1, -1]), formatShape(undefined)]).toEqual(['[1,-1]', 'unknown rank']);
  });
});

describe('StringArray', () => {
  it('gives back what was put in, in slices too', () => {
    const pieces = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 8 })));
    fc.assert(
      fc.property(pieces, fc.nat(20), fc.nat(20), (values, a, b) => {
        const strings = StringArray.from(values);
        const expected = values.map((value) => Buffer.from(value));
        const bytesOf = (array: StringArray) =>
          Array.from({ length: array.length }, (_, i) => Buffer.from(array.at(i)));
        expect(bytesOf(strings)).toEqual(expected);
        const [begin, end] = [Math.min(a, b, values.length), Math.min(Math.max(a, b), values.length)];
        const slice = strings.subarray(begin, end);
        expect(bytesOf(slice)).toEqual(expected.slice(begin, end));
        expect(slice.byteLength).toBe(Buffer.concat(expected.slice(begin, end)).length);
      }),
    );
  });

  it('decodes as UTF-8, with U+FFFD for what is not', () => {
    expect(StringArray.from(['é', new Uint8Array([0xff])]).toStrings()).toEqual(['é', '\ufffd']);
  });
});

describe('data types', () => {
  it.each([
    [1, 'float', 'DT_FLOAT'],
    [101, 'float', 'DT_FLOAT_REF'],
    [19, 'half', 'DT_HALF'],
    [14, 'bfloat16', 'DT_BFLOAT16'],
    [0, 'invalid', 'DT_INVALID'],
    [29, 'int4', 'DT_INT4'],
  ])('number %i is %s, printed %s', (number, dtype, name) => {
    expect(dataTypeFromNumber(number)).toBe(dtype);
    expect(dataTypeEnumName(number)).toBe(name);
  });

  it.each([34, 100, 99, -1, 134])('number %i has no name', (number) => {
    expect(dataTypeEnumName(number)).toBeUndefined();
  });

  it('tells which can be held', () => {
    expect(isTensorDataType('string')).toBe(true);
    expect(isTensorDataType('resource')).toBe(false);
    expect(dataTypeInfo('complex128')).toMatchObject({ number: 18, width: 2, array: Float64Array });
  });
});
