/** Messages that ask for more than they hold, and other tensors that none is made of: the same rules for both decoders. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import type { Messages } from '../gen/messages.js';
import { decodeMessage, encodeMessage } from '../messages/message.js';
import { decodePredictRequestMessage } from '../messages/predict.js';
import { decodeSessionRunRequest } from '../messages/session-run.js';
import { tensorFromProto } from './tensor-proto.js';
import { decodeTensorProto } from './tensor-proto-decoder.js';
import { toTensorProtoFields } from './tensor-proto-fields.js';

type Message = Messages['tensorflow.TensorProto'];

const shape = (...sizes: (number | bigint)[]) => ({ dim: sizes.map((size) => ({ size: BigInt(size) })) });
const proto = (dtype: TensorDataType, fields: Message, ...sizes: number[]): Message => ({
  dtype: dataTypeInfo(dtype).number,
  tensorShape: shape(...sizes),
  ...fields,
});

/** By each of the two decoders. */
function decoded(message: Message): Tensor[] {
  const bytes = encodeMessage('tensorflow.TensorProto', message);
  return [
    decodeTensorProto(bytes, 'image'),
    tensorFromProto(toTensorProtoFields(decodeMessage('tensorflow.TensorProto', bytes)), 'image'),
  ];
}

function refusals(message: Message): string[] {
  const bytes = encodeMessage('tensorflow.TensorProto', message);
  return [
    () => decodeTensorProto(bytes, 'image'),
    () => tensorFromProto(toTensorProtoFields(decodeMessage('tensorflow.TensorProto', bytes)), 'image'),
  ].map((decode) => {
    try {
      return `a tensor of ${decode().shape}`;
    } catch (error) {
      return error instanceof ServingError ? `${error.code} ${error.message}` : String(error);
    }
  });
}

const valuesOf = ({ data }: Tensor): unknown[] =>
  data instanceof StringArray ? data.toStrings() : Array.from(data as ArrayLike<unknown>);

const MIB = 1024 ** 2;

describe('a tensor whose values are missing', () => {
  it.each<[TensorDataType, Message, unknown]>([
    ['float', { floatVal: [1, 2] }, 2],
    ['int64', { int64Val: [1n, -2n] }, -2n],
    ['bool', { boolVal: [false, true] }, 1],
    ['half', { halfVal: [1, 0x3c00] }, 0x3c00],
    ['uint8', { intVal: [3, 258] }, 2],
    ['string', { stringVal: [Buffer.from('a'), Buffer.from('bc')] }, 'bc'],
    ['float', {}, 0],
    ['string', {}, ''],
  ])('is filled with the last one: %s %#', (dtype, fields, last) => {
    for (const tensor of decoded(proto(dtype, fields, 500, 2))) {
      expect([tensor.shape, valuesOf(tensor).length, valuesOf(tensor).at(-1)]).toEqual([[500, 2], 1000, last]);
    }
  });

  it.each<[TensorDataType, Message]>([
    ['float', { int64Val: [7n] }],
    ['float', { halfVal: [7] }],
    ['int32', { floatVal: [7] }],
    ['int64', { intVal: [7] }],
    ['bool', { intVal: [7] }],
    ['half', { floatVal: [7] }],
    ['uint32', { intVal: [7] }],
    ['double', { floatVal: [7] }],
    ['complex64', { floatVal: [7, 8] }],
  ])('takes nothing from the list of another type: %s %#', (dtype, fields) => {
    for (const tensor of decoded(proto(dtype, fields, 1))) expect(Number(valuesOf(tensor)[0])).toBe(0);
  });

  it('may take 64 MiB more than the message holds', () => {
    for (const { data } of decoded(proto('float', { floatVal: [1] }, 16 * MIB + 1))) {
      expect([data.length, (data as Float32Array).at(-1)]).toEqual([16 * MIB + 1, 1]);
    }
  });

  it.each<[TensorDataType, Message, number[], string, number]>([
    ['float', { floatVal: [1] }, [16 * MIB + 2], '16777218', 64 * MIB + 4],
    ['double', {}, [2 ** 31 - 1], '2147483647', (2 ** 31 - 1) * 8],
    ['int64', { int64Val: [1n, 2n] }, [46340, 46340], '46340,46340', (46340 ** 2 - 2) * 8],
    ['complex128', { dcomplexVal: [1, 2] }, [5 * MIB], '5242880', (5 * MIB - 1) * 16],
    ['bool', { boolVal: [true] }, [65 * MIB], '68157440', 65 * MIB - 1],
    ['string', { stringVal: [Buffer.alloc(1000)] }, [100_000], '100000', 99_999 * 1024],
    ['string', {}, [2 ** 31 - 1], '2147483647', (2 ** 31 - 1) * 24],
  ])('is refused beyond: %s %#', (dtype, fields, sizes, text, bytes) => {
    const expected =
      `INVALID_ARGUMENT tensor parsing error: image (shape [${text}] has ${bytes} bytes of values that the message does ` +
      'not hold; filling in more than 67108864 bytes of a message is refused)';
    const before = process.memoryUsage().arrayBuffers;
    expect(refusals(proto(dtype, fields, ...sizes))).toEqual([expected, expected]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
  });
});

describe('a tensor that none is made of', () => {
  it.each<[string, Message, RegExp]>([
    ['2^31 elements', proto('float', {}, 2 ** 31), /has 2147483648 elements; a tensor holds fewer than 2\^31/],
    ['2^32 elements', proto('float', {}, 2 ** 16, 2 ** 16), /has 4294967296 elements/],
    ['more than doubles count', { dtype: 1, tensorShape: shape(2n ** 62n, 2n ** 62n) }, /fewer than 2\^31/],
    ['none of very many', { dtype: 1, tensorShape: shape(2n ** 62n, 2n ** 62n, 0) }, /fewer than 2\^31/],
    ['none, and then very many', { dtype: 1, tensorShape: shape(0, 2n ** 62n) }, /fewer than 2\^31/],
    ['255 dimensions', proto('float', {}, ...Array<number>(255).fill(1)), /at most 254 dimensions, this one 255/],
    ['very many dimensions', proto('float', {}, ...Array<number>(10_000).fill(1)), /at most 254 dimensions/],
    ['a negative dimension', proto('float', {}, -1), /Dimension -1 of shape \[-1\]/],
    ['the least dimension', { dtype: 1, tensorShape: shape(-(2n ** 63n)) }, /is not a non-negative integer/],
    ['an unknown rank', { dtype: 1, tensorShape: { unknownRank: true } }, /unknown rank/],
    ['a resource', { dtype: 20, resourceHandleVal: [{ name: 'x' }] }, /no values of type DT_RESOURCE/],
    ['a variant', { dtype: 21, variantVal: [{ typeName: 'x' }] }, /no values of type DT_VARIANT/],
    ['a float8', { dtype: 24, float8Val: Uint8Array.of(1) }, /no values of type DT_FLOAT8_E5M2/],
    ['a small integer', { dtype: 29, intVal: [1] }, /no values of type DT_INT4/],
    ['a reference', { dtype: 101 }, /no values of type /],
    ['an unknown type', { dtype: -7 }, /no values of type -7/],
    ['no type', {}, /no values of type DT_INVALID/],
    ['content that is too short', proto('float', { tensorContent: new Uint8Array(7) }, 2), /7 bytes instead of 8/],
    ['content that is too long', proto('float', { tensorContent: new Uint8Array(9) }, 2), /9 bytes instead of 8/],
    ['content for far more', proto('double', { tensorContent: new Uint8Array(8) }, 2 ** 30), /8 bytes instead of/],
    ['content of too few strings', proto('string', { tensorContent: new Uint8Array(8) }, 2 ** 30), /too few bytes for/],
    [
      'content whose strings are too long',
      proto('string', { tensorContent: Uint8Array.of(255, 127, 1) }, 1),
      /instead of/,
    ],
    ['content that ends within lengths', proto('string', { tensorContent: Uint8Array.of(255) }, 1), /ends within/],
  ])('is refused: %s', (_, message, reason) => {
    for (const refusal of refusals(message)) {
      expect(refusal).toMatch(/^INVALID_ARGUMENT tensor parsing error: image \(/);
      expect(refusal).toMatch(reason);
    }
  });
});

describe('the tensors of one request', () => {
  const half = proto('float', { floatVal: [1] }, 129);

  it('share what may be filled in', () => {
    const predict = encodeMessage('tensorflow.serving.PredictRequest', {
      inputs: ['a', 'b', 'c'].map((key) => ({ key, value: half })),
    });
    const session = encodeMessage('tensorflow.serving.SessionRunRequest', {
      feed: ['a', 'b', 'c'].map((name) => ({ name, tensor: half })),
    });
    const limit = { maxFilledBytes: 1024 };
    const { inputs } = decodePredictRequestMessage(predict, limit);
    const { feeds } = decodeSessionRunRequest(session, limit);
    for (const [first, second, third] of [Object.values(inputs), feeds.map(({ tensor }) => tensor)]) {
      expect([first!.toTensor('a').data.length, second!.toTensor('b').data.length]).toEqual([129, 129]);
      expect(() => third!.toTensor('c')).toThrow(
        'tensor parsing error: c (shape [129] has 512 bytes of values that the message does not hold; ' +
          'filling in more than 1024 bytes of a message is refused)',
      );
    }
  });

  it.each<[string, number, (bytes: Uint8Array) => unknown]>([
    ['inputs', 2, decodePredictRequestMessage],
    ['names of outputs', 3, decodePredictRequestMessage],
    ['feeds', 2, decodeSessionRunRequest],
    ['fetches', 3, decodeSessionRunRequest],
    ['targets', 4, decodeSessionRunRequest],
  ])('are at most 65536 with their names: %s', (_, field, decode) => {
    const entries = (count: number): Uint8Array =>
      Uint8Array.from({ length: 2 * count }, (__, i) => (i % 2 === 0 ? (field << 3) | 2 : 0));
    expect(() => decode(entries(65_536))).not.toThrow();
    expect(() => decode(entries(65_537))).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }));
  });
});
