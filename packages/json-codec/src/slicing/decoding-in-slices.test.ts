import { StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodedPredictRequest } from '../decode/decoded-predict-request.js';
import {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeClassificationRequestInSlices,
  MAX_EXAMPLE_PARTS,
} from '../decode/examples/examples-request-decoder.js';
import { fuzzedBody } from '../decode/fuzzed-bodies.test-support.js';
import { bodyCases } from '../decode/predict-bodies.test-support.js';
import { decodePredictRequest, decodePredictRequestInSlices } from '../decode/predict-request-decoder.js';
import { MAX_NESTING } from '../json/json-reader.js';
import { randomOf } from '../numbers/exact-decimals.test-support.js';
import { signatureOf } from '../signature.test-support.js';
import { SLICE_BYTES } from './slice-budget.js';
import { done, outcomeOf } from './sliced-work.test-support.js';

type Inputs = Parameters<typeof signatureOf>[0];

const FUZZ_CASES = Number(process.env.FUZZ_CASES ?? 4_000);
const BATCH = 500;

/** In one text, since comparing hundreds of thousands of values one by one takes long. */
function plain({ dtype, shape, data }: Tensor): string {
  if (!(data instanceof StringArray)) {
    const values = Array.from<unknown, string>(data, (value) => (Object.is(value, -0) ? '-0' : String(value)));
    return `${dtype} [${shape}] ${values.join(' ')}`;
  }
  const bytes = data.bytes.subarray(data.offsets[0]!, data.offsets[data.length]!);
  return `${dtype} [${shape}] ${data.offsets.join(' ')} ${Buffer.from(bytes).toString('latin1')}`;
}

const plainRequest = ({ format, inputs }: DecodedPredictRequest): string =>
  Object.entries(inputs)
    .map(([name, tensor]) => `${name} ${plain(tensor)}`)
    .join('\n')
    .concat(format);

/** So that a difference is reported without megabytes around it. */
function expectSameText(actual: string, expected: string): void {
  if (actual !== expected) expect(actual.slice(0, 5_000)).toBe(expected.slice(0, 5_000));
  expect(actual === expected).toBe(true);
}

const inOneGo = (body: Uint8Array, inputs: Inputs): string =>
  outcomeOf(() => plainRequest(decodePredictRequest(body, () => signatureOf(inputs))));

const inSlices = (body: Uint8Array, inputs: Inputs, sliceBytes?: number): string =>
  outcomeOf(() =>
    plainRequest(done(decodePredictRequestInSlices(body, () => signatureOf(inputs), { sliceBytes })).result),
  );

/** With strings as text and lists as one, too. */
const plainExamples = (request: DecodedExamplesRequest): string =>
  [request.input.context ?? new Map(), ...request.input.examples]
    .map((example) =>
      [...example].map(([name, { kind, values }]) => {
        const texts = [...(values as Iterable<unknown>)].map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
        );
        return `${name}: ${kind} ${texts.join(' ')}`;
      }),
    )
    .join('\n')
    .concat(String(request.signatureName));

const examplesInOneGo = (body: Uint8Array): string => outcomeOf(() => plainExamples(decodeClassificationRequest(body)));

const examplesInSlices = (body: Uint8Array, sliceBytes?: number): string =>
  outcomeOf(() => plainExamples(done(decodeClassificationRequestInSlices(body, { sliceBytes })).result));

const many = (count: number, text: string): string => Array<string>(count).fill(text).join(',');

/** Bodies of a megabyte and more of every kind; the floats are of 6 digits. */
const large: readonly (readonly [string, Inputs, string])[] = [
  ['rows of numbers', { x: 'float' }, `{"instances":[${many(2_000, `[${many(100, '0.12345')}]`)}]}`],
  ['short integers', { x: 'uint8' }, `{"instances":[${many(600_000, '1')}]}`],
  ['a column of numbers', { x: 'double' }, `{"inputs":[${many(200_000, '1.5e3')}]}`],
  ['two columns', { x: 'float', y: 'int64' }, `{"inputs":{"x":[${many(99_999, '1.5')}],"y":[${many(99_999, '12')}]}}`],
  ['row objects', { x: 'float', s: 'string' }, `{"instances":[${many(50_000, '{"x":[1,2],"s":"abc"}')}]}`],
  ['numbers of another kind at the end', { x: 'int32' }, `{"instances":[${many(300_000, '17')},1.5]}`],
  ['strings', { s: 'string' }, `{"instances":[${many(200_000, '"abc"')}]}`],
  ['lists of one string', { s: 'string' }, `{"instances":[${many(100_000, '["abc"]')}]}`],
  ['base64', { s: 'string' }, `{"instances":[${many(50_000, '{"b64":"QUJDREU="}')}]}`],
  ['one long string', { s: 'string' }, `{"inputs":["${'abcdefgh'.repeat(130_000)}","x"]}`],
  ['one long string of escapes', { s: 'string' }, `{"inputs":["${'\\n\\u00e9'.repeat(130_000)}","x"]}`],
  ['a scalar string', { s: 'string' }, `{"inputs":"${'abcdefgh'.repeat(130_000)}"}`],
  ['one long base64 text', { s: 'string' }, `{"inputs":[{"b64":"${'QUJD'.repeat(260_000)}QQ=="},"x"]}`],
  ['long base64 with blanks', { s: 'string' }, `{"inputs":[{"b64":"${'QUJD '.repeat(200_000)}QQ=="},"x"]}`],
  ['long base64 with escapes', { s: 'string' }, `{"inputs":[{"b64":"${'QUJ\\/'.repeat(200_000)}QQ=="},"x"]}`],
  ['long base64 with a mistake', { s: 'string' }, `{"inputs":[{"b64":"${'QUJD'.repeat(200_000)}!QUJ"},"x"]}`],
  ['long base64 with padding inside', { s: 'string' }, `{"inputs":[{"b64":"${'QQ=='.repeat(200_000)}"},"x"]}`],
  ['a signature name behind the data', { x: 'float' }, `{"instances":[${many(300_000, '1.25')}],"signature_name":"s"}`],
  ['other members', { x: 'float' }, `{${many(90_000, '"other":[1]')},"instances":[1,2]}`],
  ['ignored inputs', { x: 'float' }, `{"inputs":{${many(90_000, '"other":[1]')},"x":[1,2]}}`],
  ['white space', { x: 'float' }, `{"instances":${' '.repeat(1_000_000)}[1,2]}`],
  ['ragged lists', { x: 'float' }, `{"instances":[${many(100_000, '[1,2]')},[1]]}`],
  ['exact rows', { x: 'float', s: 'string' }, `{"a":1,"instances":[${many(50_000, '{"x":[1,2],"s":"abc"}')}]}`],
  ['exact values', { x: 'float' }, `{"a":1,"instances":[${many(300_000, '1.25')}]}`],
  ['an unknown key', { x: 'float' }, `{"instances":[${many(90_000, '{"x":1}')},{"y":1}]}`],
  ['a syntax error at the end', { x: 'float' }, `{"instances":[${many(300_000, '1.25')}}`],
  ['a long string in the wrong place', { x: 'float' }, `{"instances":["${'abcdefgh'.repeat(90_000)}"]}`],
];

describe('decodePredictRequestInSlices', () => {
  it.each(large)('gives what comes in one go: %s', (_, inputs, text) => {
    const body = Buffer.from(text);
    const expected = inOneGo(body, inputs);
    expectSameText(inSlices(body, inputs), expected);
    expectSameText(inSlices(body, inputs, 1000), expected);
  });

  it.each(large)('takes at most 256 KiB of text or 64k elements in a slice: %s', (_, inputs, text) => {
    const decoding = decodePredictRequestInSlices(Buffer.from(text), () => signatureOf(inputs));
    let slices = 1;
    outcomeOf(() => {
      for (; !decoding.step(); slices++);
    });
    // What a slice goes over its limit by is the piece that it ends with.
    expect(slices).toBeGreaterThanOrEqual(Math.floor(text.length / (SLICE_BYTES + 65_536)));
    expect(slices).toBeGreaterThan(2);
  });

  it('counts elements, not only text', () => {
    const decoding = decodePredictRequestInSlices(Buffer.from(`{"inputs":[${many(1_000_000, '1')}]}`), () =>
      signatureOf({ x: 'uint8' }),
    );
    expect(done(decoding).slices).toBeGreaterThanOrEqual(Math.floor(1_000_000 / 65_536));
  });

  it('decodes a body of less than a slice in one', () => {
    const decoding = decodePredictRequestInSlices(Buffer.from('{"instances":[1,2]}'), () =>
      signatureOf({ x: 'float' }),
    );
    expect(done(decoding).slices).toBe(1);
  });

  it('gives what comes in one go wherever it pauses', () => {
    fc.assert(
      fc.property(bodyCases, fc.integer({ min: 1, max: 200 }), ({ inputs, body }, sliceBytes) => {
        expectSameText(inSlices(body, inputs, sliceBytes), inOneGo(body, inputs));
      }),
      { numRuns: 700 },
    );
  });

  it('gives what comes in one go of any mutated body', { timeout: 3_600_000 }, () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomOf(seed);
        for (let i = 0; i < BATCH; i++) {
          const { inputs, body } = fuzzedBody(random);
          expectSameText(inSlices(body, inputs, (random() % 100) + 1), inOneGo(body, inputs));
        }
      }),
      { numRuns: FUZZ_CASES / BATCH, endOnFailure: true },
    );
  });

  it('joins pieces of any size', () => {
    const body = Buffer.from(large[0]![2]);
    const pieces = [body.subarray(0, 3), body.subarray(3, 700_000), body.subarray(700_000)];
    const { result, slices } = done(decodePredictRequestInSlices(pieces, () => signatureOf({ x: 'float' })));
    expectSameText(plainRequest(result), inOneGo(body, { x: 'float' }));
    expect(slices).toBeGreaterThan((2 * body.length) / (SLICE_BYTES + 65_536) - 1);
  });

  it('lets others decode and encode in the middle of numbers', () => {
    const floats = Array.from({ length: 100_000 }, (_, i) => i / 7);
    const integers = Array.from({ length: 100_000 }, (_, i) => [i, -i]);
    const first = Buffer.from(JSON.stringify({ instances: floats }));
    const second = Buffer.from(JSON.stringify({ inputs: integers }));
    const others = decodePredictRequestInSlices(second, () => signatureOf({ x: 'int64' }));
    let othersDone = false;
    const { result } = done(
      decodePredictRequestInSlices(first, () => signatureOf({ x: 'float' })),
      () => {
        decodePredictRequest(Buffer.from('{"instances":[[[1,2],[3,4]]]}'), () => signatureOf({ x: 'uint8' }));
        othersDone ||= others.step();
      },
    );
    if (!othersDone) done(others);
    const values = [result.inputs.x!.data, others.result.inputs.x!.data] as [Float32Array, BigInt64Array];
    expect(values[0].every((value, i) => value === Math.fround(floats[i]!))).toBe(true);
    expect(values[1].every((value, i) => value === BigInt(integers[i >> 1]![i & 1]!))).toBe(true);
    expect(values.map(({ length }) => length)).toEqual([floats.length, 2 * integers.length]);
  });
});

describe('decodeClassificationRequestInSlices', () => {
  it.each([
    ['examples', `{"examples":[${many(30_000, '{"a":1,"b":[1.5,2],"c":"x"}')}]}`],
    ['one long list of integers', `{"examples":[{"a":[${many(300_000, '17')}]}]}`],
    ['one long list of floats', `{"examples":[{"a":[${many(300_000, '1.5')}]}]}`],
    ['one long list of strings', `{"examples":[{"a":[${many(100_000, '"abc\\n"')}]}]}`],
    ['long strings', `{"examples":[{"a":["${'abc\\n'.repeat(100_000)}",{"b64":"${'QUJD '.repeat(90_000)}"}]}]}`],
    ['elements of several kinds', `{"examples":[{"a":[${many(300_000, '17')},"x"]}]}`],
    ['long base64 with a mistake', `{"examples":[{"a":{"b64":"${'QUJD'.repeat(90_000)}!"}}]}`],
  ])('gives what comes in one go: %s', (_, text) => {
    const body = Buffer.from(text);
    const expected = examplesInOneGo(body);
    expectSameText(examplesInSlices(body), expected);
    expectSameText(examplesInSlices(body, 1000), expected);
  });

  it('gives what comes in one go wherever it pauses', () => {
    const texts = fc.constantFrom(
      '{"examples":[{"a":1,"b":[1.5,2.5],"c":"x"},{"a":[1,2],"a":[3]},{}],"context":{"d":["x",{"b64":"QQ=="}]}}',
      '{"examples":[{"a":[1,"x"]}]}',
      '{"examples":[1]}',
      '{"signature_name":"s","examples":[{"a":[true,false,1]}]}',
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 60 }), (text, sliceBytes) => {
        expectSameText(examplesInSlices(Buffer.from(text), sliceBytes), examplesInOneGo(Buffer.from(text)));
      }),
    );
  });

  it('refuses more examples, features and byte strings than it would hold in little memory', () => {
    const message = `more than ${MAX_EXAMPLE_PARTS} examples, features and byte strings`;
    expect(examplesInSlices(Buffer.from(`{"examples":[${many(MAX_EXAMPLE_PARTS + 1, '{}')}]}`))).toContain(message);
    expect(examplesInSlices(Buffer.from(`{"examples":[{"a":[${many(MAX_EXAMPLE_PARTS, '""')}]}]}`))).toContain(message);
  });

  it('refuses a name of a feature that is longer than any', () => {
    expect(examplesInOneGo(Buffer.from(`{"examples":[{"${'a'.repeat(70_000)}":1}]}`))).toContain(
      'Feature name has 70000 bytes; it may have 65536',
    );
  });
});

describe('decodePredictRequest', () => {
  it('refuses deeper nesting than it keeps a place for, and longer numbers than anyone writes', () => {
    expect(inOneGo(Buffer.from(`{"other":${'['.repeat(MAX_NESTING + 1)}`), { x: 'float' })).toContain(
      `More than ${MAX_NESTING} nested arrays and objects at offset: ${9 + MAX_NESTING - 1}`,
    );
    expect(inOneGo(Buffer.from(`{"instances":[0.${'7'.repeat(1_100_000)}]}`), { x: 'float' })).toContain(
      'Number of more than 1048576 digits at offset: 16',
    );
  });

  it('shows no more than the beginning of a long string or name in an error', () => {
    const long = 'abcdefgh'.repeat(200_000);
    for (const text of [`{"instances":["${long}"]}`, `{"instances":[{"${long}":1}]}`, `["${long}"]`]) {
      expect(String(inOneGo(Buffer.from(text), { x: 'float' })).length).toBeLessThan(140_000);
    }
  });
});
