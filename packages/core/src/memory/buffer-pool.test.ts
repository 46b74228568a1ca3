import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

const KIBI = 1024;
const MEBI = 1024 * KIBI;

describe('BufferPool', () => {
  it('lends a buffer again for what is of nearly the same size', () => {
    const pool = new BufferPool();
    const buffer = pool.take(3 * MEBI);
    expect(buffer.byteLength).toBe(4 * MEBI);
    pool.give(buffer);
    expect(pool.keptBytes).toBe(4 * MEBI);
    expect(pool.take(4 * MEBI)).toBe(buffer);
    expect(pool.keptBytes).toBe(0);
  });

  it('cuts small buffers that do not overlap, and large ones of their own', () => {
    const pool = new BufferPool();
    const sizes = Array.from({ length: 200 }, (_, i) => (i * 137) % 4100);
    const buffers = sizes.map((bytes) => pool.cut(bytes));
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual(sizes);
    for (const [i, buffer] of buffers.entries()) buffer.fill(i);
    for (const [i, buffer] of buffers.entries()) expect(buffer.every((byte) => byte === i)).toBe(true);
    expect(pool.cut(MEBI).byteLength).toBe(MEBI);
  });

  it('leaves a small buffer to others where more is needed', () => {
    const pool = new BufferPool();
    const small = pool.take(MEBI);
    pool.give(small);
    expect(pool.take(2 * MEBI).byteLength).toBe(2 * MEBI);
    expect(pool.take(MEBI)).toBe(small);
  });

  it('keeps nothing below 16 KiB, and nothing beyond its budget', () => {
    const pool = new BufferPool(MEBI);
    for (const bytes of [16 * KIBI - 1, MEBI + 1]) {
      const buffer = pool.take(bytes);
      expect(buffer.byteLength).toBe(bytes);
      pool.give(buffer);
      expect(pool.keptBytes).toBe(0);
    }
  });

  it('keeps no buffer with a budget of 0', () => {
    const pool = new BufferPool(0);
    pool.give(pool.take(MEBI));
    expect(pool.keptBytes).toBe(0);
  });

  it('drops sizes first that have not been used for the longest time', () => {
    const pool = new BufferPool(4 * MEBI);
    const old = pool.take(2 * MEBI);
    const inUse = pool.take(MEBI);
    const latest = pool.take(2 * MEBI);
    pool.give(old);
    pool.give(inUse);
    const large = pool.take(4 * MEBI);
    pool.give(large);
    expect(pool.keptBytes).toBe(4 * MEBI);
    expect(pool.take(4 * MEBI)).toBe(large);
    pool.give(latest);
    expect(pool.take(MEBI) === inUse).toBe(false);
  });

  it('ignores a buffer that it has not lent, and one that is given a second time', () => {
    const pool = new BufferPool();
    pool.give(new ArrayBuffer(MEBI));
    expect(pool.keptBytes).toBe(0);
    const buffer = pool.take(MEBI);
    pool.give(buffer);
    pool.give(buffer);
    expect(pool.keptBytes).toBe(MEBI);
  });

  it('never lends one buffer to two, and holds its budget, whatever is taken and given', () => {
    const action = fc.record({ bytes: fc.integer({ min: 1, max: 300 * KIBI }), give: fc.nat(30), again: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MEBI }), fc.array(action, { maxLength: 60 }), (budget, actions) => {
        const pool = new BufferPool(budget);
        const owned: ArrayBuffer[] = [];
        for (const { bytes, give, again } of actions) {
          const buffer = pool.take(bytes);
          expect(buffer.byteLength).toBeGreaterThanOrEqual(bytes);
          expect(owned.includes(buffer)).toBe(false);
          owned.push(buffer);
          if (give < owned.length) {
            const [given] = owned.splice(give, 1);
            pool.give(given!);
            if (again) pool.give(given!);
          }
          expect(pool.keptBytes).toBeLessThanOrEqual(budget);
        }
      }),
    );
  });
});
