/** Bodies of predict requests for property tests: mostly sensible ones, and mutations of them. */
import type { DataType } from '@serving/core/tensor';
import fc from 'fast-check';

/** A request body and the inputs of the signature that it is decoded for. */
export interface BodyCase {
  readonly inputs: Readonly<Record<string, DataType>>;
  readonly body: Uint8Array;
}

const dtypes: readonly DataType[] = [
  'float',
  'double',
  'int32',
  'int8',
  'uint8',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
  'half',
];

const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.integer().map(String),
  fc.integer({ min: 0, max: 300 }).map(String),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.double().map((value) => String(value)),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value.toPrecision(17)),
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1e5',
    '1E+05',
    '1.5e-7',
    'NaN',
    'Inf',
    '-Infinity',
    '1e400',
    '01',
    '1.',
    '.5',
    '-',
    '+1',
    '1e',
  ),
);

const leaf: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: numberText },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'true',
      'false',
      'null',
      '"a\\u00e9\\ud83d\\ude00\\n"',
      '"\\ud800"',
      '{"b64":"AQI="}',
      '{ "b64" : "!" }',
      '{"b64":1}',
      '{}',
      '[]',
    ),
  },
);

const listOf = (element: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(element, { maxLength, minLength: 0 }).map((items) => `[${items.join(', ')}]`);

const regularLeaves: Readonly<Partial<Record<DataType, fc.Arbitrary<string>>>> = {
  float: fc.double().map(String),
  double: fc.double({ noNaN: true }).map((value) => (Number.isFinite(value) ? value.toPrecision(17) : '-Inf')),
  int32: fc.integer().map(String),
  int8: fc.integer({ min: -128, max: 127 }).map(String),
  uint8: fc.integer({ min: -3, max: 400 }).map(String),
  uint32: fc.integer({ min: 0 }).map(String),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  bool: fc.boolean().map(String),
  string: fc.oneof(
    fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
    fc.uint8Array().map((bytes) => `{"b64": "${Buffer.from(bytes).toString('base64')}"}`),
  ),
};

/** A regular tensor of a shape, as text. */
function tensorText(dtype: DataType, shape: readonly number[]): fc.Arbitrary<string> {
  let text = regularLeaves[dtype] ?? leaf;
  for (const size of shape.toReversed()) {
    text = fc.array(text, { minLength: size, maxLength: size }).map((items) => `[${items.join(',')}]`);
  }
  return text;
}

const anyValue: fc.Arbitrary<string> = fc.oneof(leaf, listOf(leaf, 4), listOf(listOf(leaf, 3), 3));

/** Regular requests, regular ones with one value replaced by anything, and irregular ones. */
const bodyText: fc.Arbitrary<{ inputs: Record<string, DataType>; text: string }> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom('a', 'b', 'x y', '__proto__', 'é', 'b64', 'inputs', 'c', 'd'), {
      minLength: 1,
      maxLength: 3,
    }),
    types: fc.tuple(fc.constantFrom(...dtypes), fc.constantFrom(...dtypes), fc.constantFrom(...dtypes)),
    shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    rows: fc.integer({ min: 1, max: 3 }),
    form: fc.constantFrom('row', 'rows', 'column', 'columns', 'row', 'rows', 'wild'),
    name: fc.constantFrom('', '', '', '"signature_name":"s",', '"other":[1,{"a":2}],'),
    behind: fc.constantFrom(
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      ',"signature_name":"s"',
      ',"zzz":1',
      ',"signature\\u005fname":"t"',
      '} trailing }',
      ',"inputs":1',
    ),
    wild: anyValue,
  })
  .chain(({ names, types, shape, rows, form, name, behind, wild }) => {
    const inputs: Record<string, DataType> = Object.create(null);
    for (const [i, key] of names.entries()) inputs[key] = types[i]!;
    const close = (text: fc.Arbitrary<string>): fc.Arbitrary<{ inputs: Record<string, DataType>; text: string }> =>
      text.map((value) => ({ inputs, text: `{${name}${value}${behind}}` }));
    const members = fc
      .tuple(...names.map((key) => tensorText(inputs[key]!, shape).map((text) => `${JSON.stringify(key)}: ${text}`)))
      .map((parts) => `{${parts.join(', ')}}`);
    switch (form) {
      case 'row':
        return close(tensorText(types[0], [rows, ...shape]).map((text) => `"instances": ${text}`));
      case 'rows':
        return close(
          fc.array(members, { minLength: rows, maxLength: rows }).map((list) => `"instances":[${list.join(' ,')}]`),
        );
      case 'column':
        return close(tensorText(types[0], shape).map((text) => `"inputs":${text}`));
      case 'columns':
        return close(members.map((text) => `"inputs":${text}`));
      default:
        return close(fc.constantFrom('instances', 'inputs').map((key) => `"${key}":${wild}`));
    }
  });

const mutation: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .record({
    kind: fc.constantFrom('none', 'cut', 'byte', 'insert', 'double', 'drop'),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.integer({ min: 1, max: 9 }),
    byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('[]{},:"\\.eE-+0 \n\tNI'))),
  })
  .map(({ kind, place, length, byte }) => (bytes) => {
    const at = Math.floor(place * bytes.length);
    const head = bytes.subarray(0, at);
    const tail = bytes.subarray(at);
    switch (kind) {
      case 'cut':
        return head;
      case 'byte':
        return Buffer.concat([head, Uint8Array.of(byte), tail.subarray(1)]);
      case 'insert':
        return Buffer.concat([head, Uint8Array.of(byte), tail]);
      case 'double':
        return Buffer.concat([head, tail.subarray(0, length), tail]);
      case 'drop':
        return Buffer.concat([head, tail.subarray(length)]);
      default:
        return bytes;
    }
  });

/** Requests of all forms, about half of them broken somewhere. */
export const bodyCases: fc.Arbitrary<BodyCase> = fc
  .tuple(bodyText, fc.oneof(fc.constant([]), fc.array(mutation, { minLength: 1, maxLength: 2 })))
  .map(([{ inputs, text }, mutations]) => {
    let body: Uint8Array = Buffer.from(text);
    for (const mutate of mutations) body = mutate(body);
    return { inputs, body };
  });
