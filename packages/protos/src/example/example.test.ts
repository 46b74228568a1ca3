import type { Example, Feature } from '@serving/core/extend';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { decodeExample } from './example-decoder.js';
import { encodeExample, encodeExamples } from './example-encoder.js';

const exampleType = protobuf
  .parse(`
    syntax = "proto3";
    message BytesList { repeated bytes value = 1; }
    message FloatList { repeated float value = 1; }
    message Int64List { repeated int64 value = 1; }
    message Feature {
      oneof kind { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list = 3; }
    }
    message Features { map<string, Feature> feature = 1; }
    message Example { Features features = 1; }
  `)
  .root.lookupType('Example');

/** protobufjs's object for an example. */
function toMessage(example: Example): object {
  const list = ({ kind, values }: Feature): object => {
    if (kind === 'bytes') return { bytesList: { value: values } };
    if (kind === 'float') return { floatList: { value: [...values] } };
    if (kind === 'int64') return { int64List: { value: Array.from(values, (value: bigint) => `${value}`) } };
    return {};
  };
  const feature = Object.fromEntries(Array.from(example, ([name, value]) => [name, list(value)]));
  return { features: { feature } };
}

/** Plain numbers and bytes, so that arrays of any type compare. */
function plain(example: Example): object {
  return [...example]
    .map(([name, { kind, values }]) => ({
      name,
      kind,
      values: Array.from(values as Iterable<unknown>, (value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      ),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const int64s = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const features: fc.Arbitrary<Feature> = fc.oneof(
  fc.record({ kind: fc.constant('bytes' as const), values: fc.array(fc.uint8Array({ maxLength: 200 })) }),
  fc.record({ kind: fc.constant('float' as const), values: fc.oneof(fc.float32Array(), fc.array(fc.float())) }),
  fc.record({ kind: fc.constant('int64' as const), values: fc.oneof(fc.bigInt64Array(), fc.array(int64s)) }),
  fc.constant<Feature>({ kind: 'unset', values: [] }),
);
const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'constructor', 'toString', 'ü', '😀'));
const examples: fc.Arbitrary<Example> = fc.array(fc.tuple(names, features), { maxLength: 5 }).map((e) => new Map(e));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const float = (...values: number[]): Feature => ({ kind: 'float', values });
const int64 = (...values: bigint[]): Feature => ({ kind: 'int64', values });

describe('encodeExample', () => {
  it('writes integers of every length alike, in a typed array or a plain one', () => {
    const values = [
      0n,
      1n,
      127n,
      128n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 63n - 1n,
      -1n,
      -(2n ** 63n),
    ];
    const typed = encodeExample(new Map([['k', { kind: 'int64', values: BigInt64Array.from(values) }]]));
    expect(Buffer.compare(typed, encodeExample(new Map([['k', int64(...values)]])))).toBe(0);
  });

  it.each<[string, Example, string]>([
    ['no features', new Map(), ''],
    ['a float', new Map([['x', float(1)]]), '0a0f0a0d0a0178120812060a040000803f'],
    ['a list of floats, packed', new Map([['x', float(1, -2)]]), '0a130a110a0178120c120a0a080000803f000000c0'],
    ['an int64', new Map([['k', int64(3n)]]), '0a0c0a0a0a016b12051a030a0103'],
    ['a negative int64', new Map([['k', int64(-1n)]]), '0a150a130a016b120e1a0c0a0affffffffffffffffff01'],
    [
      'bytes',
      new Map([['n', { kind: 'bytes', values: [bytes('00ff'), bytes('')] }]]),
      '0a0f0a0d0a016e12080a060a0200ff0a00',
    ],
    ['an empty list of a kind', new Map([['x', float()]]), '0a090a070a017812021200'],
    ['a feature without a kind', new Map([['x', { kind: 'unset', values: [] }]]), '0a070a050a01781200'],
  ])('writes %s', (_, example, expected) => {
    expect(hex(encodeExample(example))).toBe(expected);
  });

  it('writes the same bytes whatever the order of the features', () => {
    const entries: [string, Feature][] = [
      ['b', float(1)],
      ['a', int64(2n)],
      ['c', float()],
    ];
    expect(hex(encodeExample(new Map(entries)))).toBe(hex(encodeExample(new Map(entries.toReversed()))));
  });

  it('is read by protobufjs as it was meant', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const expected = exampleType.fromObject(example.size === 0 ? {} : toMessage(example));
        expect(exampleType.decode(encodeExample(example)).toJSON()).toEqual(expected.toJSON());
      }),
    );
  });

  it('gives examples the features of the context that they have none of their own for', () => {
    const context = new Map([
      ['q', float(1)],
      ['r', float(2)],
    ]);
    const example = new Map([['q', int64(3n)]]);
    const both = new Map([
      ['q', int64(3n)],
      ['r', float(2)],
    ]);
    expect(plain(decodeExample(encodeExample(example, context)))).toEqual(plain(both));
    expect(exampleType.decode(encodeExample(example, context)).toJSON()).toEqual(
      exampleType.fromObject(toMessage(both)).toJSON(),
    );
  });
});

describe('encodeExamples', () => {
  it('makes a string tensor with one element per example', () => {
    fc.assert(
      fc.property(fc.array(examples), fc.option(examples, { nil: undefined }), (list, context) => {
        const { dtype, shape, data } = encodeExamples({ examples: list, ...(context && { context }) });
        expect({ dtype, shape, length: data.length }).toEqual({
          dtype: 'string',
          shape: [list.length],
          length: list.length,
        });
        for (const [i, example] of list.entries()) expect(hex(data.at(i))).toBe(hex(encodeExample(example, context)));
      }),
    );
  });
});

describe('decodeExample', () => {
  it('reads what encodeExample wrote', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const decoded = decodeExample(encodeExample(example));
        expect(plain(decoded)).toEqual(plain(example));
      }),
    );
  });

  it('reads what protobufjs wrote', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const encoded = exampleType.encode(exampleType.fromObject(toMessage(example))).finish();
        expect(plain(decodeExample(encoded))).toEqual(plain(example));
      }),
    );
  });

  it.each<[string, string, Example]>([
    ['lists that are not packed', '0a100a0e0a0178 1209 1207 0d0000803f 0a00', new Map([['x', float(1)]])],
    ['single integers', '0a0d0a0b0a016b 1206 1a04 0803 0804', new Map([['k', int64(3n, 4n)]])],
    ['the last of several kinds', '0a0e0a0c0a0178 1207 1200 1a03 0a0103', new Map([['x', int64(3n)]])],
    ['one kind in two pieces', '0a110a0f0a0178 120a 1a03 0a0103 1a03 0a0104', new Map([['x', int64(3n, 4n)]])],
    [
      'the last of several features of a name',
      '0a10 0a07 0a0178 1202 1200 0a05 0a0178 1200',
      new Map([['x', { kind: 'unset', values: [] }]]),
    ],
    ['an entry without a name or value', '0a02 0a00', new Map([['', { kind: 'unset', values: [] }]])],
    [
      'around fields that it does not know',
      '1801 0a08 1801 0a04 1801 1200 2201ff',
      new Map([['', { kind: 'unset', values: [] }]]),
    ],
  ])('reads %s', (_, encoded, expected) => {
    expect(plain(decodeExample(bytes(encoded)))).toEqual(plain(expected));
  });

  it.each([
    ['a message that is cut off', '0a05 0a00'],
    ['an inner message longer than the outer', '0a03 0a0501 0000 0000'],
    ['half a float', '0a0d 0a0b 0a0178 1206 1204 0a02 0000'],
    ['a tag of no field', '00'],
    ['an endless varint', 'ffffffffffffffffffffffff'],
    ['text', Buffer.from('not a proto').toString('hex')],
  ])('refuses %s', (_, encoded) => {
    expect(() => decodeExample(bytes(encoded))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^Can't parse a tf.Example \(.+\)$/),
      }),
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        try {
          decodeExample(garbage);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
        }
      }),
    );
  });
});
