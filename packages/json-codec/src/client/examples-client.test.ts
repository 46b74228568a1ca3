import type { Example, Feature } from '@serving/core/extend';
import { StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClassificationRequest, decodeRegressionRequest } from '../decode/examples/examples-request-decoder.js';
import { encodeClassificationResponse } from '../encode/classification-response-encoder.js';
import { encodeRegressionResponse } from '../encode/regression-response-encoder.js';
import {
  type ExamplesToEncode,
  encodeClassificationRequest,
  encodeRegressionRequest,
} from './examples-request-encoder.js';
import { decodeClassificationResponse, decodeRegressionResponse } from './examples-response-decoders.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const codecs = [
  { name: 'classify', encode: encodeClassificationRequest, decode: decodeClassificationRequest },
  { name: 'regress', encode: encodeRegressionRequest, decode: decodeRegressionRequest },
];

const feature: fc.Arbitrary<Feature> = fc.oneof(
  fc.uint8Array().map((bytes): Feature => ({ kind: 'bytes', values: [bytes] })),
  fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }).map((values): Feature => {
    return { kind: 'bytes', values: values.map((value) => new TextEncoder().encode(value)) };
  }),
  fc.float32Array({ minLength: 1, maxLength: 4 }).map((values): Feature => ({ kind: 'float', values })),
  fc.bigInt64Array({ minLength: 1, maxLength: 4 }).map((values): Feature => ({ kind: 'int64', values })),
  fc.constant<Feature>({ kind: 'unset', values: [] }),
);

const featureName = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((name) => !name.includes('\0')),
  fc.constantFrom('__proto__', 'constructor', 'b64', ''),
);

const example: fc.Arbitrary<Example> = fc
  .array(fc.tuple(featureName, feature), { maxLength: 4 })
  .map((entries) => new Map(entries));

const plain = (value: Example): unknown[] =>
  [...value].map(([name, { kind, values }]) => [
    name,
    kind,
    Array.from<unknown, unknown>(values, (item) => (item instanceof Uint8Array ? [...item] : item)),
  ]);

describe.each(codecs)('the $name request', ({ encode, decode }) => {
  it.each<[ExamplesToEncode, string | undefined, string]>([
    [{ examples: [{}] }, undefined, '{"examples":[{}]}'],
    [
      { examples: [{ age: 42n, income: 1250, city: 'Ulm', tags: ['a', Uint8Array.of(0xff)] }], context: { q: true } },
      's',
      '{"signature_name":"s","context":{"q":1},"examples":[{"age":42,"income":1250.0,"city":"Ulm","tags":["a",{"b64":"/w=="}]}]}',
    ],
    [
      { examples: [{ f: [0.1, Number.NaN, 1e20], n: [], i: 2n ** 63n - 1n }, { f: Float32Array.of(1) }] },
      undefined,
      '{"examples":[{"f":[0.1,NaN,1e+20],"n":[],"i":9223372036854775807},{"f":1.0}]}',
    ],
  ])('writes %o', (input, signatureName, expected) => {
    const body = encode(input, signatureName === undefined ? {} : { signatureName });
    expect(text(body)).toBe(expected);
  });

  it('is read as the same features', () => {
    fc.assert(
      fc.property(
        fc.array(example, { minLength: 1, maxLength: 3 }),
        fc.option(example, { nil: undefined }),
        fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined }),
        (examples, context, signatureName) => {
          const input = context === undefined ? { examples } : { examples, context };
          const decoded = decode(encode(input, signatureName === undefined ? {} : { signatureName }));
          expect(decoded.signatureName).toBe(signatureName);
          expect(decoded.input.examples.map(plain)).toEqual(examples.map(plain));
          expect(decoded.input.context && plain(decoded.input.context)).toEqual(context && plain(context));
        },
      ),
    );
  });

  it.each<[ExamplesToEncode, string]>([
    [{ examples: [] }, 'examples: at least one is needed'],
    [{ examples: [{}, { 'a\0b': 1 }] }, 'examples[1].a\0b: over REST the server cuts a name at its NUL'],
    [{ examples: [{ a: null as never }] }, 'examples[0].a: expected'],
  ])('refuses %o', (input, message) => {
    expect(() => encode(input)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});

describe('decodeClassificationResponse', () => {
  it('gives back labels and scores as the server encoded them', () => {
    const results = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }))
      .chain(([batchSize, numClasses]) => {
        const range = { minLength: batchSize * numClasses, maxLength: batchSize * numClasses };
        return fc.record({
          batchSize: fc.constant(batchSize),
          numClasses: fc.constant(numClasses),
          labels: fc.array(fc.uint8Array(), range),
          scores: fc.float32Array(range),
        });
      });
    fc.assert(
      fc.property(results, fc.boolean(), ({ batchSize, numClasses, labels, scores }, compact) => {
        const result = { batchSize, numClasses, labels: StringArray.from(labels), scores };
        const decoded = decodeClassificationResponse(encodeClassificationResponse(result, { compact }));
        expect([decoded.batchSize, decoded.numClasses]).toEqual([batchSize, numClasses]);
        expect(labels.map((_, i) => [...decoded.labels.at(i)])).toEqual(labels.map((label) => [...label]));
        expect(Array.from(decoded.scores)).toEqual(Array.from(scores));
      }),
    );
  });

  it.each([
    ['{}', "it has no list of 'results'"],
    ['{"results":1}', "it has no list of 'results'"],
    ['{"results":[1]}', 'an entry of the results is not a list of classes'],
    ['{"results":[[1]]}', 'a class is not a pair of label and score'],
    ['{"results":[[["a"]]]}', 'a class is not a pair of label and score'],
    ['{"results":[[["a","b"]]]}', 'a class is not a pair of label and score'],
    ['{"results":[[["a",1]],[]]}', 'expected 1 classes as in the first result, got 0'],
  ])('refuses %s', (body, message) => {
    expect(() => decodeClassificationResponse(Buffer.from(body))).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: `Malformed response: ${message}` }),
    );
  });
});

describe('decodeRegressionResponse', () => {
  it('gives back the values as the server encoded them', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1 }), fc.boolean(), (values, compact) => {
        const decoded = decodeRegressionResponse(encodeRegressionResponse({ values }, { compact }));
        expect(Array.from(decoded.values)).toEqual(Array.from(values));
      }),
    );
  });

  it('throws the error that came instead', () => {
    expect(() => decodeRegressionResponse(Buffer.from('{"error":"Input is empty."}'), { httpStatus: 400 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: 'Input is empty.' }),
    );
  });

  it.each(['{"results":{}}', '{"results":[[1]]}', '{"results":["a"]}', '{"results":[null]}'])('refuses %s', (body) => {
    expect(() => decodeRegressionResponse(Buffer.from(body))).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
