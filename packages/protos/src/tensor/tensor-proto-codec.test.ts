import { ServingError } from '@serving/core';
import {
  createTensor,
  dataTypeInfo,
  elementCount,
  StringArray,
  type Tensor,
  type TensorDataType,
} from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Messages } from '../gen/messages.js';
import { decodeMessage, encodeMessage } from '../messages/message.js';
import { tensorFromProto } from './tensor-proto.js';
import { decodeTensorProto, EncodedTensorProto } from './tensor-proto-decoder.js';
import { encodeTensorProto } from './tensor-proto-encoder.js';
import { toTensorProtoFields } from './tensor-proto-fields.js';

type Message = Messages['tensorflow.TensorProto'];

const dtypes = [
  ...['float', 'double', 'half', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'],
  ...['bool', 'complex64', 'complex128', 'qint8', 'quint8', 'qint16', 'quint16', 'qint32', 'string'],
] as TensorDataType[];

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

function tensors(dtype: TensorDataType): fc.Arbitrary<Tensor> {
  return shapes.chain((shape): fc.Arbitrary<Tensor> => {
    const length = elementCount(shape) * dataTypeInfo(dtype).width;
    if (dtype === 'string') {
      return fc
        .array(fc.uint8Array({ maxLength: 200 }), { minLength: length, maxLength: length })
        .map((strings) => createTensor('string', shape, StringArray.from(strings)));
    }
    const { array } = dataTypeInfo(dtype);
    const size = array!.BYTES_PER_ELEMENT;
    return fc.uint8Array({ minLength: length * size, maxLength: length * size }).map((bytes) => {
      const values = dtype === 'bool' ? bytes.map((byte) => byte & 1) : bytes;
      return createTensor(dtype, shape, new array!(values.slice().buffer, 0, length) as never);
    });
  });
}

/** What two tensors have to agree in, to the bit: NaNs differ too. */
function bits({ dtype, shape, data }: Tensor): unknown {
  if (data instanceof StringArray) {
    return { dtype, shape, strings: Array.from({ length: data.length }, (_, i) => [...data.at(i)]) };
  }
  return { dtype, shape, bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] };
}

/** How protobufjs's reflection reads the same bytes. */
function byReflection(bytes: Uint8Array): Tensor {
  return tensorFromProto(toTensorProtoFields(decodeMessage('tensorflow.TensorProto', bytes)), 'x');
}

/** At each of eight alignments. */
function* copies(bytes: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < 8; offset++) {
    const copy = new Uint8Array(bytes.length + offset);
    copy.set(bytes, offset);
    yield copy.subarray(offset);
  }
}

describe.each(dtypes)('TensorProto of %s', (dtype) => {
  it.each([false, true])('is what protobufjs reads, and read again the same (as content: %s)', (asTensorContent) => {
    fc.assert(
      fc.property(tensors(dtype), (tensor) => {
        const bytes = encodeTensorProto(tensor, { asTensorContent });
        // protobufjs's numbers are doubles, in which a float's NaN may lose bits.
        if (!hasNaN(tensor) || asTensorContent) expect(bits(byReflection(bytes))).toEqual(bits(tensor));
        for (const copy of copies(bytes)) expect(bits(decodeTensorProto(copy, 'x'))).toEqual(bits(tensor));
      }),
      { numRuns: 50 },
    );
  });

  it('reads what protobufjs writes, whatever the number of values', () => {
    const { number } = dataTypeInfo(dtype);
    fc.assert(
      fc.property(shapes, tensors(dtype), (shape, values) => {
        const message = decodeMessage('tensorflow.TensorProto', encodeTensorProto(values));
        const dim = shape.map((size) => ({ size: BigInt(size) }));
        const bytes = encodeMessage('tensorflow.TensorProto', { ...message, dtype: number, tensorShape: { dim } });
        if (!hasNaN(values)) expect(bits(decodeTensorProto(bytes, 'x'))).toEqual(bits(byReflection(bytes)));
      }),
      { numRuns: 100 },
    );
  });
});

function hasNaN({ data }: Tensor): boolean {
  return (data instanceof Float32Array || data instanceof Float64Array) && data.some(Number.isNaN);
}

const shape = (...sizes: number[]): number[] => [
  0x12,
  2 * sizes.length + sizes.length * 2,
  ...sizes.flatMap((size) => [0x12, 2, 0x08, size]),
];
const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

describe('decodeTensorProto', () => {
  it.each<[string, number[], unknown[]]>([
    ['numbers one by one', [8, 1, ...shape(2), 0x2d, ...float(1), 0x2d, ...float(2)], [1, 2]],
    ['a list in two pieces', [8, 1, 0x2a, 4, ...float(1), 0x2a, 4, ...float(2), ...shape(2)], [1, 2]],
    ['both', [8, 1, ...shape(3), 0x2d, ...float(1), 0x2a, 8, ...float(2), ...float(3)], [1, 2, 3]],
    ['the type at the end', [...shape(2), 0x2a, 8, ...float(1), ...float(2), 8, 1], [1, 2]],
    ['values of other types', [8, 1, ...shape(1), 0x3a, 1, 9, 0x2a, 4, ...float(1)], [1]],
    ['integers one by one', [8, 3, ...shape(2), 0x38, 5, 0x38, 0xac, 0x02], [5, 300]],
    ['int32 in ten bytes', [8, 3, ...shape(1), 0x3a, 10, ...Array(9).fill(0xff), 1], [-1]],
    ['int32 in five bytes', [8, 3, ...shape(1), 0x3a, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], [-1]],
    ['a boolean beyond 32 bits', [8, 10, ...shape(2), 0x5a, 7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0], [1, 0]],
    ['boolean content that is neither 0 nor 1', [8, 10, ...shape(3), 0x22, 3, 0, 1, 7], [0, 1, 1]],
    ['unknown fields', [0x98, 0x06, 1, 8, 1, ...shape(1), 0x2a, 4, ...float(1)], [1]],
  ])('reads %s', (_, bytes, expected) => {
    const { data } = decodeTensorProto(Uint8Array.from(bytes), 'x');
    expect(Array.from(data as ArrayLike<unknown>)).toEqual(expected);
  });

  it.each<[string, number[]]>([
    ['a list that ends within a float', [8, 1, ...shape(1), 0x2a, 3, 0, 0, 0]],
    ['a longer list that ends within a float', [8, 1, ...shape(1), 0x2a, 5, 0, 0, 0, 0, 0]],
    ['a list that ends within a varint', [8, 3, ...shape(1), 0x3a, 1, 0x80]],
    ['a varint without end', [8, 3, ...shape(1), 0x3a, 11, ...Array(11).fill(0x80)]],
    ['bytes that are not a message', [0x2a, 200]],
    ['content of a wrong size', [8, 1, ...shape(1), 0x22, 3, 0, 0, 0]],
    ['an unknown rank', [8, 1, 0x12, 2, 0x18, 1]],
    ['a negative dimension', [8, 1, 0x12, 13, 0x12, 11, 8, ...Array(9).fill(0xff), 1]],
    ['no type', [...shape(1)]],
    ['a reference type', [8, 101, ...shape(1)]],
  ])('refuses %s, naming the tensor', (_, bytes) => {
    expect(() => decodeTensorProto(Uint8Array.from(bytes), 'image')).toThrow(ServingError);
    expect(() => decodeTensorProto(Uint8Array.from(bytes), 'image')).toThrow(/^tensor parsing error: image \(/);
  });

  it('agrees with protobufjs on whatever message', () => {
    const fields: fc.Arbitrary<Message> = fc.record(
      {
        dtype: fc.integer({ min: 0, max: 24 }),
        tensorShape: fc.record({
          dim: fc.array(fc.record({ size: fc.bigInt({ min: 0n, max: 3n }) }), { maxLength: 2 }),
        }),
        tensorContent: fc.uint8Array({ maxLength: 32 }),
        intVal: fc.array(fc.integer(), { maxLength: 9 }),
        int64Val: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 9 }),
        uint64Val: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 9 }),
        uint32Val: fc.array(fc.nat(), { maxLength: 9 }),
        boolVal: fc.array(fc.boolean(), { maxLength: 9 }),
        floatVal: fc.array(fc.float({ noNaN: true }), { maxLength: 9 }),
        stringVal: fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 9 }),
      },
      { requiredKeys: ['dtype'] },
    );
    const outcome = (read: () => Tensor): unknown => {
      try {
        return bits(read());
      } catch (error) {
        expect(error).toBeInstanceOf(ServingError);
        return 'refused';
      }
    };
    fc.assert(
      fc.property(fields, (message) => {
        // Content of booleans is taken as it is by the other reader.
        fc.pre(message.dtype !== 10 || !message.tensorContent?.length);
        const bytes = encodeMessage('tensorflow.TensorProto', message);
        expect(outcome(() => decodeTensorProto(bytes, 'x'))).toEqual(outcome(() => byReflection(bytes)));
      }),
      { numRuns: 1000 },
    );
  });

  it('never fails with anything but a ServingError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeTensorProto(bytes, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(ServingError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives views of an aligned message, and copies of one that is not', () => {
    const bytes = encodeTensorProto(createTensor('float', [2], Float32Array.of(1, 2)), { asTensorContent: true });
    const shared = Array.from(copies(bytes), (copy) => decodeTensorProto(copy, 'x').data as Float32Array).filter(
      ({ buffer }) => buffer.byteLength > 8,
    );
    expect(shared).toHaveLength(2);
  });
});

describe('EncodedTensorProto', () => {
  it.each<[string, number[], boolean]>([
    ['typed values', [8, 1, 0x2a, 4, ...float(1)], false],
    ['content', [8, 1, 0x22, 4, ...float(1)], true],
    ['nothing', [8, 1], false],
  ])('tells whether there is content: %s', (_, bytes, expected) => {
    expect(new EncodedTensorProto(Uint8Array.from(bytes)).hasContent).toBe(expected);
  });
});
