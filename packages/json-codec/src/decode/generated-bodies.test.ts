import { ServingError } from '@serving/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClassificationResponse, decodeRegressionResponse } from '../client/examples-response-decoders.js';
import { decodePredictResponse } from '../client/predict-response-decoder.js';
import { decodeClassificationRequest } from './examples/examples-request-decoder.js';

/** A feature as text, and what it has to become: `KIND VALUES`, or the error's first word. */
const featureCase: fc.Arbitrary<{ readonly text: string; readonly expected: string }> = fc.oneof(
  fc
    .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 4 })
    .map((values) => ({ text: `[${values.join(' ,\n')}]`, expected: `int64 ${values.join()}` })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value))
    .map((value) => ({ text: String(value), expected: `float ${Math.fround(value)}` })),
  fc
    .array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 })
    .map((values) => ({ text: JSON.stringify(values), expected: `bytes ${values.map(hex).join()}` })),
  fc.uint8Array().map((bytes) => ({
    text: `{ "b64" : "${Buffer.from(bytes).toString('base64')}" }`,
    expected: `bytes ${hex(bytes)}`,
  })),
  fc.boolean().map((value) => ({ text: String(value), expected: `int64 ${Number(value)}` })),
  fc.constant({ text: '[ ]', expected: 'unset ' }),
);

function hex(value: string | Uint8Array): string {
  return Buffer.from(value as string).toString('hex');
}

const examplesCase = fc.array(
  fc.array(fc.tuple(fc.constantFrom('a', 'b', '', '__proto__', 'é', 'a\n'), featureCase), { maxLength: 4 }),
  { minLength: 1, maxLength: 4 },
);

const bodyOf = (examples: readonly (readonly [string, { readonly text: string }][])[]): string =>
  `{"examples":[${examples.map((example) => `{${example.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join()}}`).join()}]}`;

describe('decodeClassificationRequest', () => {
  it('takes of every example the last value of each name', () => {
    fc.assert(
      fc.property(examplesCase, (examples) => {
        const { input } = decodeClassificationRequest(Buffer.from(bodyOf(examples)));
        const decoded = input.examples.map((example) =>
          Object.fromEntries(
            [...example].map(([name, { kind, values }]) => [
              `:${name}`,
              `${kind} ${Array.from<unknown, unknown>(values, (value) => (value instanceof Uint8Array ? hex(value) : value)).join()}`,
            ]),
          ),
        );
        expect(decoded).toEqual(
          examples.map((example) => Object.fromEntries(example.map(([name, { expected }]) => [`:${name}`, expected]))),
        );
      }),
    );
  });
});

const mutated = (texts: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      texts,
      fc.array(fc.tuple(fc.nat(400), fc.nat(3), fc.constantFrom(...'[]{}",:0.-eNI\\ a\0')), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([text, mutations]) => {
      let result = text;
      for (const [at, removed, inserted] of mutations) {
        const place = at % (result.length + 1);
        result = result.slice(0, place) + inserted + result.slice(place + removed);
      }
      return Buffer.from(result);
    });

describe.each([
  ['decodeClassificationRequest', decodeClassificationRequest, examplesCase.map(bodyOf), 'INVALID_ARGUMENT'],
  [
    'decodePredictResponse',
    decodePredictResponse,
    fc.constantFrom(
      '{"predictions":[{"a":[1.5,2],"b":"x"},{"a":[3.0,4],"b":{"b64":"eA=="}}]}',
      '{"outputs":{"a":[[1],[2]],"b":true}}',
      '{"outputs":[[1.5],[NaN]]}',
      '{"error":"no"}',
    ),
    'INTERNAL',
  ],
  [
    'decodeClassificationResponse',
    decodeClassificationResponse,
    fc.constant('{"results":[[["a",1.5],["b",2]],[["c",NaN],["d",0.5]]]}'),
    'INTERNAL',
  ],
  ['decodeRegressionResponse', decodeRegressionResponse, fc.constant('{"results":[1.5,2,-Infinity]}'), 'INTERNAL'],
] as const)('%s', (_, decode, texts, code) => {
  it(`decodes a body with a mistake somewhere or throws a ServingError`, () => {
    fc.assert(
      fc.property(mutated(texts), (body) => {
        try {
          decode(body);
        } catch (error) {
          expect(error).toBeInstanceOf(ServingError);
          expect([code, 'UNKNOWN']).toContain((error as ServingError).code);
        }
      }),
      { numRuns: 500 },
    );
  });
});
