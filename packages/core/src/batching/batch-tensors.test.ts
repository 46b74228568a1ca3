import { describe, expect, it } from 'vitest';
import { named } from '../../../test-doubles/src/manual-servable.js';
import { BufferPool } from '../memory/buffer-pool.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type Tensor } from '../tensor/tensor.js';
import { giveInputs, pooledArrays } from './batch-tensors.js';

describe('arrays for merged inputs', () => {
  const floats = (pool: BufferPool, length: number): Tensor<'float'> =>
    createTensor('float', [length], pooledArrays(pool)('float', length) as Float32Array);
  const none = named({});

  it('use memory again for inputs of about the same size, of any data type', () => {
    const pool = new BufferPool();
    const first = floats(pool, 10_000);
    giveInputs(pool, named({ first }), none);
    const second = pooledArrays(pool)('double', 4500);
    expect(second.buffer).toBe(first.data.buffer);
    expect(second).toHaveLength(4500);
    expect(floats(pool, 10_000).data.buffer).not.toBe(first.data.buffer);
  });

  it('are left alone where an output shares their memory', () => {
    const pool = new BufferPool();
    const first = floats(pool, 10_000);
    giveInputs(pool, named({ first }), named({ y: { ...first, data: first.data.subarray(5) } }));
    expect(pool.keptBytes).toBe(0);
  });

  it('are not kept where they are small, strings, or not of the pool', () => {
    const pool = new BufferPool();
    const text = createTensor('string', [1], StringArray.from(['a']));
    const foreign = createTensor('float', [10_000], new Float32Array(10_000));
    giveInputs(pool, named({ small: floats(pool, 10), text, foreign }), none);
    expect(pool.keptBytes).toBe(0);
  });
});
