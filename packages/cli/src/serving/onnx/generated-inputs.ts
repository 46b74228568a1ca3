/** Generates inputs of a signature from a seed, so that a run can be repeated. */
import {
  createTensor,
  dataTypeInfo,
  elementCount,
  StringArray,
  type Tensor,
  type TensorDataType,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';
import type { ProgramInput } from '@serving/onnx-compiler';

/** Returns numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** The same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

const STRINGS = ['', 'a', 'the quick brown fox', 'Zürich', '42', '0.5', 'A,b;c', '日本'];
const LARGEST_INTEGER = 9;

/**
 * A tensor for an input, with `size` for each unknown dimension. Floats are from -1 to 1, ids in their range, bytes any, other integers
 * from 0 to 9.
 */
export function generatedInput({ dtype, shape, range }: ProgramInput, size: number, random: Random): Tensor {
  const sizes = (shape ?? [-1]).map((dimension) => (dimension < 0 ? size : dimension));
  const count = elementCount(sizes);
  if (dtype === 'string') {
    const texts = Array.from({ length: count }, () => STRINGS[Math.floor(random() * STRINGS.length)]!);
    return createTensor('string', sizes, StringArray.from(texts));
  }
  const ArrayType = dataTypeInfo(dtype).array!;
  const data = new ArrayType(count);
  const between = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const integer = (): number => {
    if (range !== undefined) return between(range.min, range.max);
    if (dtype === 'bool') return between(0, 1);
    return between(0, dtype === 'uint8' ? 255 : LARGEST_INTEGER);
  };
  for (let i = 0; i < count; i++) data[i] = element(dtype, random, integer);
  return createTensor(dtype, sizes, data as never);
}

function element(dtype: TensorDataType, random: Random, integer: () => number): number | bigint {
  const float = (): number => random() * 2 - 1;
  if (dtype === 'float' || dtype === 'double') return float();
  if (dtype === 'half') return toHalf(float());
  if (dtype === 'bfloat16') return toBfloat16(float());
  return dtype === 'int64' || dtype === 'uint64' ? BigInt(integer()) : integer();
}
