import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
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

  it('copies any slice of any strings', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat(5), fc.nat(5), (strings, begin, length) => {
        const data = StringArray.from(strings).subarray(
          Math.min(begin, strings.length),
          Math.min(begin + length, strings.length),
        );
        const posted = toPostedTensor(createTensor('string', [data.length], data));
        const arrived = fromPostedTensor(posted).data as StringArray;
        const bytes = (array: StringArray): number[][] =>
          Array.from({ length: array.length }, (_, i) => Array.from(array.at(i)));
        expect(bytes(arrived)).toEqual(bytes(data));
        expect(arrived.bytes.length).toBe(data.byteLength);
      }),
    );
  });

  it('refuses what the addon does not take', () => {
    expect(() => toPostedTensor(createTensor('double', [], Float64Array.of(1)))).toThrow(/double/);
  });
});
