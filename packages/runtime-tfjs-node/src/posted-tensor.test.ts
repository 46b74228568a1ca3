import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { fromPostedTensor, toPostedTensor } from './posted-tensor.js';
import { buffersOf } from './worker-messages.js';

const tensors: readonly Tensor[] = [
  createTensor('float', [2], Float32Array.of(9, 1, 2).subarray(1)),
  createTensor('int32', [], Int32Array.of(3)),
  createTensor('int64', [2], BigInt64Array.of(2n ** 63n - 1n, -1n)),
  createTensor('uint8', [0, 4], new Uint8Array(0)),
  createTensor('bool', [1, 2], Uint8Array.of(0, 1)),
  createTensor('string', [2], StringArray.from(['left', 'tea', 'Größe', 'right']).subarray(1, 3)),
];

describe('toPostedTensor', () => {
  it.each(tensors)('copies a $dtype tensor of shape $shape so that it arrives as it was', (tensor) => {
    const posted = toPostedTensor(tensor);
    const arrived = fromPostedTensor(structuredClone(posted, { transfer: buffersOf([posted]) }));
    expect(arrived.dtype).toBe(tensor.dtype);
    expect(arrived.shape).toEqual(tensor.shape);
    if (tensor.data instanceof StringArray) {
      expect((arrived.data as StringArray).toStrings()).toEqual(tensor.data.toStrings());
    } else {
      expect(arrived.data).toEqual(tensor.data);
    }
  });

  it('refuses what the addon does not take', () => {
    expect(() => toPostedTensor(createTensor('double', [], Float64Array.of(1)))).toThrow(/double/);
  });
});
