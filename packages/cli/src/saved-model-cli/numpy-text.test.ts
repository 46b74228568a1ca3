import { readFileSync } from 'node:fs';
import { createTensor, dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { numpyText } from './numpy-text.js';

interface StoredArray {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly base64?: string;
  readonly strings?: readonly string[];
  /** What NumPy prints. */
  readonly text: string;
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
