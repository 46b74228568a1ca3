import { readFileSync } from 'node:fs';
import { createTensor, dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { decodeNpy } from '@serving/core/npy';
import { encodeNpy } from '@serving/core/npy';
import { numpyText } from './numpy-text.js';

interface StoredArray {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly base64?: string;
  readonly strings?: readonly string[];
  /** What NumPy prints. */
  readonly text: string;
  /** What NumPy saves. */
  readonly npy: string;
}

const file = new URL('../../../savedmodel/fixtures/saved_model_cli/numpy.json', import.meta.url);
const arrays = JSON.parse(readFileSync(file, 'utf8')) as StoredArray[];

function toTensor({ dtype, shape, base64 = '', strings }: StoredArray): Tensor {
  if (strings)
    return createTensor('string', shape, StringArray.from(strings.map((text) => Buffer.from(text, 'base64'))));
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const { array } = dataTypeInfo(dtype);
  return { dtype, shape, data: new array!(bytes.buffer, 0, bytes.length / array!.BYTES_PER_ELEMENT) } as Tensor;
}

const cases = arrays.map((stored, i) => [`${i}: ${stored.dtype} [${stored.shape}]`, stored] as const);

describe('numpyText', () => {
  it.each(cases)('prints array %s as NumPy does', (_, stored) => {
    expect(numpyText(toTensor(stored))).toBe(stored.text);
  });
});

describe('encodeNpy', () => {
  it.each(cases)('writes array %s as NumPy does', (_, stored) => {
    expect(encodeNpy(toTensor(stored)).toString('base64')).toBe(stored.npy);
  });
});

describe('decodeNpy', () => {
  // NumPy itself can't tell bfloat16 in a file from raw bytes.
  it.each(cases.filter(([, { dtype }]) => dtype !== 'bfloat16'))('reads what NumPy saved of array %s', (_, stored) => {
    const tensor = toTensor(stored);
    const read = decodeNpy(Buffer.from(stored.npy, 'base64'), 'x.npy');
    expect(read.dtype).toBe(tensor.dtype);
    expect(read.shape).toEqual(tensor.shape);
    if (read.data instanceof StringArray)
      expect(read.data.toStrings()).toEqual((tensor.data as StringArray).toStrings());
    else expect(read.data).toEqual(tensor.data);
  });
});
