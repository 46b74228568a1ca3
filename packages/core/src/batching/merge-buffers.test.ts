import { describe, expect, it } from 'vitest';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type Tensor } from '../tensor/tensor.js';
import { named } from './fake-servable.test-support.js';
import { MergeBuffers } from './merge-buffers.js';

describe('MergeBuffers', () => {
  const floats = (buffers: MergeBuffers, length: number): Tensor<'float'> =>
    createTensor('float', [length], buffers.allocate('float', length) as Float32Array);
  const none = named({});

  it('uses memory again for inputs of about the same size, of any data type', () => {
    const buffers = new MergeBuffers();
    const first = floats(buffers, 10_000);
    buffers.reclaim(named({ first }), none);
    const second = buffers.allocate('double', 4500);
    expect(second.buffer).toBe(first.data.buffer);
    expect(second).toHaveLength(4500);
    expect(buffers.allocate('float', 10_000).buffer).not.toBe(first.data.buffer);
  });

  it('leaves memory alone that an output shares', () => {
    const buffers = new MergeBuffers();
    const first = floats(buffers, 10_000);
    buffers.reclaim(named({ first }), named({ y: { ...first, data: first.data.subarray(5) } }));
    expect(buffers.allocate('float', 10_000).buffer).not.toBe(first.data.buffer);
  });

  it('keeps neither small memory nor strings, nor more than sixteen megabytes', () => {
    const buffers = new MergeBuffers();
    const small = floats(buffers, 10);
    const large = [floats(buffers, 2 ** 21), floats(buffers, 2 ** 21), floats(buffers, 2 ** 21)];
    const text = createTensor('string', [1], StringArray.from(['a']));
    buffers.reclaim(named({ small, text, a: large[0]!, b: large[1]!, c: large[2]! }), none);
    expect(buffers.allocate('float', 10).buffer).not.toBe(small.data.buffer);
    const again = [0, 1, 2].map(() => buffers.allocate('float', 2 ** 21).buffer);
    expect(large.filter(({ data }) => again.includes(data.buffer))).toHaveLength(2);
  });
});
