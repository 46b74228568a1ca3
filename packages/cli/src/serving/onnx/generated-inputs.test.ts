import type { PartialShape, Tensor, TensorDataType } from '@serving/core/tensor';
import type { ProgramInput } from '@serving/onnx-compiler';
import { describe, expect, it } from 'vitest';
import { generatedInput, seededRandom } from './generated-inputs.js';

const input = (dtype: TensorDataType, shape: PartialShape, range?: ProgramInput['range']): ProgramInput => ({
  alias: 'x',
  tensor: 'x:0',
  dtype,
  shape,
  batched: true,
  value: 0,
  range,
});
const generate = (of: ProgramInput, size = 7, seed = 1): Tensor => generatedInput(of, size, seededRandom(seed));
const numbersOf = ({ data }: Tensor): number[] => Array.from(data as Iterable<number | bigint>, Number);

describe('generatedInput', () => {
  it.each<[PartialShape, number[]]>([
    [
      [-1, 3, -1],
      [7, 3, 7],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [[], []],
    [undefined, [7]],
  ])('replaces unknown dimensions of %j', (shape, expected) => {
    expect(generate(input('float', shape)).shape).toEqual(expected);
  });

  it.each<[TensorDataType, ProgramInput['range'], number, number]>([
    ['float', undefined, -1, 1],
    ['double', undefined, -1, 1],
    ['int32', { min: 0, max: 2 }, 0, 2],
    ['int64', { min: 0, max: 99 }, 0, 99],
    ['int64', undefined, 0, 9],
    ['uint8', undefined, 0, 255],
    ['bool', undefined, 0, 1],
  ])('keeps %s with the range %j from %d to %d', (dtype, range, min, max) => {
    const values = numbersOf(generate(input(dtype, [2000], range)));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(min);
    expect(Math.max(...values)).toBeLessThanOrEqual(max);
    expect(new Set(values).size).toBeGreaterThan(1);
  });

  it('has strings of several lengths', () => {
    const { data } = generate(input('string', [-1]), 100) as Tensor<'string'>;
    expect(new Set(data.toStrings().map(({ length }) => length)).size).toBeGreaterThan(3);
  });

  it('is the same for the same seed, and another one for another', () => {
    const of = input('float', [20]);
    expect(generate(of, 1, 5)).toEqual(generate(of, 1, 5));
    expect(generate(of, 1, 5)).not.toEqual(generate(of, 1, 6));
  });
});
