import { describe, expect, it } from 'vitest';
import { nudgedRange } from './fake-quantization.js';
import { areaWeights, cubicWeights, resizeScale, scaledWeights, scaleKernels } from './resize-weights.js';

const plain = { isHalfPixel: false, isAligned: false };
const rows = (weights: Float32Array, input: number) =>
  Array.from({ length: weights.length / input }, (_, o) => [...weights.subarray(o * input, (o + 1) * input)]);

describe('weights', () => {
  it.each<readonly [string, Float32Array, number]>([
    ['area', areaWeights(7, 3, plain), 7],
    ['cubic', cubicWeights(5, 8, plain), 5],
    ['cubic between pixels', cubicWeights(5, 8, { ...plain, isHalfPixel: true }), 5],
    ['cubic with aligned corners', cubicWeights(5, 8, { ...plain, isAligned: true }), 5],
    ...scaleKernels.map((kernel) => {
      const options = { scale: 0.5, translation: 0, antialias: true };
      return [kernel, scaledWeights(8, 4, kernel, options), 8] as const;
    }),
  ])('of %s add up to 1', (_, weights, input) => {
    for (const row of rows(weights, input)) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
  });

  it('of an area are what each position covers', () => {
    expect(rows(areaWeights(4, 2, plain), 4)).toEqual([
      [0.5, 0.5, 0, 0],
      [0, 0, 0.5, 0.5],
    ]);
  });

  it('of a triangle are wider where the image shrinks', () => {
    const weights = scaledWeights(4, 2, 'triangle', { scale: 0.5, translation: 0, antialias: true });
    const expected = [3 / 7, 3 / 7, 1 / 7, 0];
    rows(weights, 4)[0]!.forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i]!, 6);
    });
  });

  it('leave out positions beyond the image', () => {
    const weights = scaledWeights(2, 4, 'triangle', { scale: 1, translation: 0, antialias: true });
    expect(rows(weights, 2)).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it('are aligned at the corners only where there are two', () => {
    expect([
      resizeScale(5, 3, { ...plain, isAligned: true }),
      resizeScale(5, 1, { ...plain, isAligned: true }),
    ]).toEqual([2, 5]);
  });
});

it('a quantized range is moved so that 0 is a step', () => {
  expect(nudgedRange(-6, 6, [0, 255])).toEqual({
    least: Math.fround(-128 * Math.fround(12 / 255)),
    most: Math.fround(127 * Math.fround(12 / 255)),
    step: Math.fround(12 / 255),
  });
  expect(nudgedRange(0, 0, [0, 255])).toBeUndefined();
});
