import type { ClassificationResult } from '@serving/core';
import { StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeClassificationResponse } from './classification-response-encoder.js';
import { encodeRegressionResponse } from './regression-response-encoder.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('encodeClassificationResponse', () => {
  it.each<[string, ClassificationResult, string, string]>([
    [
      'scores alone',
      { batchSize: 2, numClasses: 1, scores: Float32Array.of(2.5, 3) },
      '{\n    "results": [[["", 2.5]], [["", 3.0]]\n    ]\n}',
      '{"results":[[["",2.5]],[["",3.0]]]}',
    ],
    [
      'labels and scores',
      {
        batchSize: 1,
        numClasses: 3,
        labels: StringArray.from(['cat', 'dog', 'bird']),
        scores: Float32Array.of(0.244728476, 0.665240884, 0.0900305659),
      },
      '{\n    "results": [[["cat", 0.244728476], ["dog", 0.665240884], ["bird", 0.0900305659]]\n    ]\n}',
      '{"results":[[["cat",0.244728476],["dog",0.665240884],["bird",0.0900305659]]]}',
    ],
    [
      'labels alone, with escapes',
      { batchSize: 1, numClasses: 2, labels: StringArray.from(['a"\\\n\u0001/', 'é\u2028\x7f']) },
      '{\n    "results": [[["a\\"\\\\\\n\\u0001/", 0.0], ["é\u2028\x7f", 0.0]]\n    ]\n}',
      '{"results":[[["a\\"\\\\\\n\\u0001/",0.0],["é\u2028\x7f",0.0]]]}',
    ],
    [
      'scores that are not plain numbers',
      { batchSize: 1, numClasses: 4, scores: Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, -0, 1e6) },
      '{\n    "results": [[["", NaN], ["", -Infinity], ["", -0.0], ["", 1e+06]]\n    ]\n}',
      '{"results":[[["",NaN],["",-Infinity],["",-0.0],["",1e+06]]]}',
    ],
    [
      'no classes',
      { batchSize: 2, numClasses: 0, scores: new Float32Array(0) },
      '{\n    "results": [[], []\n    ]\n}',
      '{"results":[[],[]]}',
    ],
  ])('lays out %s', (_, result, expected, compact) => {
    expect(text(encodeClassificationResponse(result))).toBe(expected);
    expect(text(encodeClassificationResponse(result, { compact: true }))).toBe(compact);
  });

  it('writes raw bytes of labels that are no UTF-8, of a slice too', () => {
    const labels = StringArray.from(['skipped', Uint8Array.of(0xff, 0xc3)]).subarray(1);
    const body = encodeClassificationResponse({ batchSize: 1, numClasses: 1, labels }, { compact: true });
    expect([...body.subarray(14, 18)]).toEqual([0x22, 0xff, 0xc3, 0x22]);
  });

  it('refuses no examples, and labels or scores of another number', () => {
    expect(() => encodeClassificationResponse({ batchSize: 0, numClasses: 2 })).toThrow(
      'Cannot convert empty ClassificationResults to JSON',
    );
    const scores = Float32Array.of(1, 2, 3);
    expect(() => encodeClassificationResponse({ batchSize: 2, numClasses: 1, scores })).toThrow(
      'Classification of 2 examples by 1 classes has no labels and 3 scores',
    );
  });

  it('writes what JSON.parse reads back, in both layouts', () => {
    const label = fc.string({ unit: 'grapheme' });
    const score = fc.float({ noNaN: true, noDefaultInfinity: true });
    const results = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }))
      .chain(([batchSize, numClasses]) => {
        const length = batchSize * numClasses;
        return fc.record({
          batchSize: fc.constant(batchSize),
          numClasses: fc.constant(numClasses),
          labels: fc.array(label, { minLength: length, maxLength: length }),
          scores: fc.array(score, { minLength: length, maxLength: length }),
        });
      });
    fc.assert(
      fc.property(results, fc.boolean(), ({ batchSize, numClasses, labels, scores }, compact) => {
        const body = encodeClassificationResponse(
          { batchSize, numClasses, labels: StringArray.from(labels), scores: Float32Array.from(scores) },
          { compact },
        );
        const expected = Array.from({ length: batchSize }, (_, i) =>
          Array.from({ length: numClasses }, (_, k) => [labels[i * numClasses + k], scores[i * numClasses + k]]),
        );
        const decoded = JSON.parse(text(body), (_, value) => (typeof value === 'number' ? Math.fround(value) : value));
        expect(decoded).toEqual({ results: expected });
      }),
    );
  });
});

describe('encodeRegressionResponse', () => {
  it.each<[number[], string, string]>([
    [[5.5, 5.5], '{\n    "results": [5.5, 5.5]\n}', '{"results":[5.5,5.5]}'],
    [[Number.NaN, 3], '{\n    "results": [NaN, 3.0]\n}', '{"results":[NaN,3.0]}'],
    [[1 / 3], '{\n    "results": [0.333333343]\n}', '{"results":[0.333333343]}'],
  ])('lays out %j', (values, expected, compact) => {
    const result = { values: Float32Array.from(values) };
    expect(text(encodeRegressionResponse(result))).toBe(expected);
    expect(text(encodeRegressionResponse(result, { compact: true }))).toBe(compact);
  });

  it('refuses no values', () => {
    expect(() => encodeRegressionResponse({ values: new Float32Array(0) })).toThrow(
      'Cannot convert empty RegressionResults to JSON',
    );
  });
});
