import { createTensor, StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeClassificationResponse,
  encodeClassificationResponseInSlices,
} from '../encode/classification-response-encoder.js';
import {
  encodePredictResponse,
  encodePredictResponseInSlices,
  encodePredictResponseOrSlices,
} from '../encode/predict-response-encoder.js';
import { encodeRegressionResponse, encodeRegressionResponseInSlices } from '../encode/regression-response-encoder.js';
import { tensorsOf } from '../tensors.test-support.js';
import { SLICE_BYTES } from './slice-budget.js';
import { done, outcomeOf } from './sliced-work.test-support.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('encodePredictResponseInSlices', () => {
  const tensors = fc.array(tensorsOf(3), { minLength: 1, maxLength: 3 }).map((list) => {
    return Object.fromEntries(list.map((tensor, i) => [i === 1 ? `t${i}_bytes` : `t${i}`, tensor]));
  });

  it('writes what is written in one go wherever it pauses', () => {
    fc.assert(
      fc.property(
        tensors,
        fc.constantFrom('row' as const, 'columnar' as const),
        fc.boolean(),
        fc.integer({ min: 1, max: 200 }),
        (outputs, format, compact, sliceBytes) => {
          const { result } = done(encodePredictResponseInSlices(format, outputs, { compact, sliceBytes }), () => {
            // The loops are for every writer.
            encodePredictResponse('row', { other: createTensor('int32', [2, 1], Int32Array.of(7, 8)) });
          });
          expect(text(result)).toBe(text(encodePredictResponse(format, outputs, { compact })));
        },
      ),
      { numRuns: 500 },
    );
  });

  const floats = Float32Array.from({ length: 240_000 }, (_, i) => i / 7);
  const long = StringArray.from(['a\n"é'.repeat(200_000), 'b', 'c'.repeat(700_000)]);
  it.each([
    ['a list', createTensor('float', [240_000], floats)],
    ['lists of two', createTensor('float', [120_000, 2], floats)],
    ['deep lists', createTensor('float', [10, 24_000, 1], floats)],
    ['strings', createTensor('string', [60_000], StringArray.from(Array<string>(60_000).fill('some text')))],
    ['long strings', createTensor('string', [3], long)],
  ])('takes at most 256 KiB of text or 64k elements in a slice: %s', (_, tensor) => {
    for (const format of ['row', 'columnar'] as const) {
      for (const outputs of [{ a: tensor }, { a: tensor, b_bytes: tensor }]) {
        expect(encodePredictResponseOrSlices(format, outputs)).not.toBeInstanceOf(Uint8Array);
        const { result, slices } = done(encodePredictResponseInSlices(format, outputs));
        const expected = encodePredictResponse(format, outputs);
        expect(Buffer.compare(result, expected)).toBe(0);
        expect(slices).toBeGreaterThanOrEqual(Math.floor(expected.length / (1.5 * SLICE_BYTES)));
        expect(slices).toBeGreaterThanOrEqual(Math.floor((tensor.data.length * Object.keys(outputs).length) / 65_536));
      }
    }
  });

  it('grows its buffer in slices, too', () => {
    const outputs = { a: createTensor('int64', [300_000, 1, 1], new BigInt64Array(300_000).fill(-(2n ** 63n))) };
    const { result } = done(encodePredictResponseInSlices('columnar', outputs));
    expect(Buffer.compare(result, encodePredictResponse('columnar', outputs))).toBe(0);
  });

  it('refuses a response that is larger than allowed, before it is whole', () => {
    const outputs = { a: createTensor('float', [240_000], floats) };
    const message = /^ServingError: The response is larger than 400000 bytes: .*maxResponseBytes/;
    expect(outcomeOf(() => encodePredictResponse('row', outputs, { maxBytes: 400_000 }))).toMatch(message);
    const encoding = encodePredictResponseInSlices('row', outputs, { maxBytes: 1_000_000 });
    let slices = 0;
    expect(
      outcomeOf(() => {
        for (; !encoding.step(); slices++);
      }),
    ).toContain('larger than 1000000 bytes');
    expect(slices).toBeGreaterThan(1);
    expect(slices).toBeLessThan(20);
    const { length } = encodePredictResponse('row', outputs);
    expect(encodePredictResponse('row', outputs, { maxBytes: length }).length).toBe(length);
    expect(outcomeOf(() => encodePredictResponse('row', outputs, { maxBytes: length - 1 }))).toContain('larger than');
  });
});

describe('encodeClassificationResponseInSlices', () => {
  it('writes what is written in one go', () => {
    const count = 60_000;
    const result = {
      batchSize: count / 3,
      numClasses: 3,
      labels: StringArray.from(Array.from({ length: count }, (_, i) => `label "${i}"`)),
      scores: Float32Array.from({ length: count }, (_, i) => i / 7),
    };
    for (const compact of [true, false]) {
      const sliced = done(encodeClassificationResponseInSlices(result, { compact }));
      const expected = encodeClassificationResponse(result, { compact });
      expect(Buffer.compare(sliced.result, expected)).toBe(0);
      expect(sliced.slices).toBeGreaterThanOrEqual(Math.floor(expected.length / SLICE_BYTES));
    }
    expect(outcomeOf(() => encodeClassificationResponse(result, { maxBytes: 1_000_000 }))).toContain('larger than');
    expect(outcomeOf(() => encodeClassificationResponse(result, { maxBytes: 100 }))).toContain('larger than');
  });
});

describe('encodeRegressionResponseInSlices', () => {
  it('writes what is written in one go', () => {
    const values = Float32Array.from({ length: 200_000 }, (_, i) => i / 7);
    const sliced = done(encodeRegressionResponseInSlices({ values }));
    const expected = encodeRegressionResponse({ values });
    expect(Buffer.compare(sliced.result, expected)).toBe(0);
    expect(sliced.slices).toBeGreaterThanOrEqual(Math.floor(expected.length / SLICE_BYTES));
    expect(outcomeOf(() => encodeRegressionResponse({ values }, { maxBytes: 900_000 }))).toContain('larger than');
  });
});
