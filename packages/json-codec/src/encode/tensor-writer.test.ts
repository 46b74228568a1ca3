import { createTensor, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.js';
import { type ListStyle, TensorWriter } from './tensor-writer.js';

const written = (tensor: Tensor, style: ListStyle): string => {
  const writer = new ByteWriter(16);
  new TensorWriter(writer, tensor, { style, level: 1, firstDimension: 0, base64: false }).write(0);
  return Buffer.from(writer.finish()).toString();
};

/** The layout word for word, list by list. */
function expected(texts: readonly string[], shape: readonly number[], style: ListStyle): string {
  let at = 0;
  const line = (level: number): string => (style === 'open' ? `\n${'    '.repeat(level)}` : '');
  const list = (depth: number): string => {
    if (depth === shape.length) return texts[at++]!;
    const items = Array.from({ length: shape[depth]! }, () => list(depth + 1));
    if (items.length === 0) return '[]';
    const between = style === 'inline' ? ', ' : `,${line(depth + 2)}`;
    return `[${line(depth + 2)}${items.join(between)}${line(depth + 1)}]`;
  };
  return list(0);
}

const styles: readonly ListStyle[] = ['open', 'inline', 'compact'];

const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [0],
  [7],
  [10_000],
  [3_000, 3],
  [3, 3_000],
  [1, 2_500, 1, 2],
  [2, 0],
  [5, 1, 1],
  [3, 2, 0],
  [17, 5, 3, 2, 2],
  new Array<number>(31).fill(1),
  [...new Array<number>(33).fill(1), 2],
  [2, ...new Array<number>(40).fill(1), 2],
  [2, 3, ...new Array<number>(60).fill(1), 2, 2],
];

describe('TensorWriter', () => {
  it.each(shapes)('writes numbers of any shape in every layout (%#)', (...shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Int32Array.from({ length: count }, (_, i) => (i * 7919) % 100_003);
    const texts = Array.from(values, String);
    for (const style of styles) {
      expect(written(createTensor('int32', shape, values), style)).toBe(expected(texts, shape, style));
    }
  });

  it.each<[Tensor, string]>([
    [createTensor('int8', [3], Int8Array.of(-128, 0, 127)), '[-128,0,127]'],
    [createTensor('uint8', [3], Uint8Array.of(0, 99, 255)), '[0,99,255]'],
    [createTensor('int16', [2], Int16Array.of(-32768, 32767)), '[-32768,32767]'],
    [createTensor('int32', [2], Int32Array.of(-2147483648, 2147483647)), '[-2147483648,2147483647]'],
    [createTensor('uint32', [2], Uint32Array.of(10, 4294967295)), '[10,4294967295]'],
    [
      createTensor('int64', [3], BigInt64Array.of(-(2n ** 63n), 10n ** 16n, 2n ** 63n - 1n)),
      '[-9223372036854775808,10000000000000000,9223372036854775807]',
    ],
    [createTensor('uint64', [2], BigUint64Array.of(100_000_000n, 2n ** 64n - 1n)), '[100000000,18446744073709551615]'],
    [createTensor('bool', [3], Uint8Array.of(1, 0, 1)), '[true,false,true]'],
  ])('writes the limits of a data type (%#)', (tensor, text) => {
    expect(written(tensor, 'compact')).toBe(text);
  });

  it('writes integers of every length', () => {
    const values = Array.from({ length: 20 }, (_, i) => 10n ** BigInt(i)).flatMap((power) => [power - 1n, power]);
    const tensor = createTensor('uint64', [values.length], BigUint64Array.from(values));
    expect(written(tensor, 'compact')).toBe(`[${values.join(',')}]`);
  });
});
