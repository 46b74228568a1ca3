import { ServingError } from '@serving/core';
import type { TensorProtoFields } from '@serving/core/extend';
import { dataTypeInfo, StringArray, type TensorDataType } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorFromProto } from './tensor-proto.js';
import { toTensorProtoFields } from './tensor-proto-fields.js';

/** A TensorProto of a vector, or of another shape. */
function proto(dtype: TensorDataType, fields: Partial<TensorProtoFields>, ...shape: number[]): TensorProtoFields {
  const dim = shape.map((size) => ({ size: BigInt(size), name: '' }));
  return {
    ...toTensorProtoFields({ dtype: dataTypeInfo(dtype).number }),
    tensorShape: { dim, unknownRank: false },
    ...fields,
  };
}

const values = (tensor: { data: unknown }): unknown[] =>
  tensor.data instanceof StringArray ? tensor.data.toStrings() : Array.from(tensor.data as ArrayLike<unknown>);

const integerTypes = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'qint8',
  'quint8',
  'qint16',
  'quint16',
  'qint32',
] as const;

describe('toTensor', () => {
  it.each<[TensorDataType, Partial<TensorProtoFields>, unknown[]]>([
    ['float', { floatVal: [1.5, -0, Number.NaN] }, [1.5, -0, Number.NaN]],
    ['double', { doubleVal: [1e300, 2, 3] }, [1e300, 2, 3]],
    ['half', { halfVal: [0x3c00, 0x8000, 0xffff] }, [0x3c00, 0x8000, 0xffff]],
    ['bfloat16', { halfVal: [0x3f80, 0, 1] }, [0x3f80, 0, 1]],
    ...integerTypes.map((dtype): [TensorDataType, Partial<TensorProtoFields>, unknown[]] => [
      dtype,
      { intVal: [1, 2, 127] },
      [1, 2, 127],
    ]),
    ['uint32', { uint32Val: [2 ** 32 - 1, 0, 1] }, [2 ** 32 - 1, 0, 1]],
    ['int64', { int64Val: [-(2n ** 63n), 2n ** 63n - 1n, 0n] }, [-(2n ** 63n), 2n ** 63n - 1n, 0n]],
    ['uint64', { uint64Val: [2n ** 64n - 1n, 0n, 1n] }, [2n ** 64n - 1n, 0n, 1n]],
    ['bool', { boolVal: [true, false, true] }, [1, 0, 1]],
    ['complex64', { scomplexVal: [1, 2, 3, 4, 5, 6] }, [1, 2, 3, 4, 5, 6]],
    ['complex128', { dcomplexVal: [1, 2, 3, 4, 5, 6] }, [1, 2, 3, 4, 5, 6]],
    ['string', { stringVal: [Buffer.from('a'), Buffer.from(''), Buffer.from('ü')] }, ['a', '', 'ü']],
  ])('reads the values of %s', (dtype, fields, expected) => {
    const tensor = tensorFromProto(proto(dtype, fields, 3), 'x');
    expect(tensor).toMatchObject({ dtype, shape: [3] });
    expect(values(tensor)).toEqual(expected);
  });

  it.each<[string, TensorDataType, Partial<TensorProtoFields>, unknown[]]>([
    ['repeats the last value', 'float', { floatVal: [1, 2] }, [1, 2, 2, 2]],
    ['repeats the last pair', 'complex64', { scomplexVal: [1, 2] }, [1, 2, 1, 2, 1, 2, 1, 2]],
    ['repeats the last string', 'string', { stringVal: [Buffer.from('a')] }, ['a', 'a', 'a', 'a']],
    ['repeats the last 64-bit value', 'int64', { int64Val: [5n] }, [5n, 5n, 5n, 5n]],
    ['fills with zeros without values', 'int32', {}, [0, 0, 0, 0]],
    ['fills with empty strings without values', 'string', {}, ['', '', '', '']],
    ['ignores surplus values', 'int32', { intVal: [1, 2, 3, 4, 5] }, [1, 2, 3, 4]],
    ['ignores half a complex number', 'complex64', { scomplexVal: [1, 2, 3] }, [1, 2, 1, 2, 1, 2, 1, 2]],
    ['narrows with wrap-around', 'int8', { intVal: [128, 255, 256, -129] }, [-128, -1, 0, 127]],
    ['prefers the content', 'uint8', { tensorContent: new Uint8Array([9, 8, 7, 6]), intVal: [1] }, [9, 8, 7, 6]],
  ])('%s', (_, dtype, fields, expected) => {
    expect(values(tensorFromProto(proto(dtype, fields, 2, 2), 'x'))).toEqual(expected);
  });

  it('reads a scalar, with and without a shape', () => {
    const scalar = proto('float', { floatVal: [2] });
    const { tensorShape: _, ...shapeless } = scalar;
    for (const given of [scalar, shapeless]) {
      expect(tensorFromProto(given, 'x')).toEqual({ dtype: 'float', shape: [], data: new Float32Array([2]) });
    }
  });

  it('reads a tensor without elements', () => {
    expect(tensorFromProto(proto('string', {}, 0, 3), 'x').shape).toEqual([0, 3]);
  });

  it('reads little-endian content wherever it lies, and copies it', () => {
    const content = new Uint8Array([0, 1, 0, 0, 0, 0, 0, 0, 0x80]).subarray(1);
    const tensor = tensorFromProto(proto('int64', { tensorContent: content }, 1), 'x');
    content.fill(0);
    expect(values(tensor)).toEqual([-(2n ** 63n) + 1n]);
  });

  it('reads strings from content: all lengths, then all bytes', () => {
    const long = 'x'.repeat(200);
    const content = Buffer.concat([Buffer.from([1, 0xc8, 1, 0]), Buffer.from(`a${long}`)]);
    expect(values(tensorFromProto(proto('string', { tensorContent: content }, 3), 'x'))).toEqual(['a', long, '']);
  });

  it.each<[string, TensorProtoFields, string]>([
    ['no data type', { ...proto('float', {}), dtype: 0 }, 'no values of type DT_INVALID'],
    ['an unknown data type', { ...proto('float', {}), dtype: 99 }, 'no values of type 99'],
    ['a resource', { ...proto('float', {}), dtype: 20 }, 'no values of type DT_RESOURCE'],
    ['a reference', { ...proto('float', {}), dtype: 101 }, 'no values of type DT_FLOAT_REF'],
    ['a free dimension', proto('float', {}, -1), 'Dimension -1 of shape [-1] is not a non-negative integer'],
    ['too many elements', proto('bool', {}, 2 ** 20, 2 ** 20), 'a tensor holds fewer than 2^31'],
    ['an unknown rank', proto('float', { tensorShape: { dim: [], unknownRank: true } }), 'unknown rank'],
    ['content of a wrong size', proto('float', { tensorContent: new Uint8Array(7) }, 2), '7 bytes instead of 8'],
    ['content with too few strings', proto('string', { tensorContent: new Uint8Array(1) }, 2), 'too few bytes'],
    ['content that ends in a length', proto('string', { tensorContent: new Uint8Array([128]) }, 1), 'ends within'],
    ['content with too many bytes', proto('string', { tensorContent: new Uint8Array(3) }, 1), '3 bytes instead of 1'],
  ])('refuses %s, naming the tensor', (_, given, reason) => {
    expect(() => tensorFromProto(given, 'image')).toThrow(ServingError);
    expect(() => tensorFromProto(given, 'image')).toThrow(/^tensor parsing error: image \(/);
    expect(() => tensorFromProto(given, 'image')).toThrow(reason);
  });

  it('gives back the strings that were written as content', () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(strings, (items) => {
        const lengths = items.flatMap(({ length }) => (length < 128 ? [length] : [(length & 127) | 128, length >> 7]));
        const content = Buffer.concat([new Uint8Array(lengths), ...items]);
        const { data } = tensorFromProto(proto('string', { tensorContent: content }, items.length), 'x');
        expect(items.map((_, i) => [...(data as StringArray).at(i)])).toEqual(items.map((item) => [...item]));
      }),
    );
  });
});
