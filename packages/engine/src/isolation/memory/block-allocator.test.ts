import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_ALIGNMENT, BlockAllocator } from './block-allocator.js';

const ignore = (): void => {};

describe('BlockAllocator', () => {
  it('hands out aligned blocks that do not overlap, whatever is freed in between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.boolean())), (steps) => {
        const allocator = new BlockAllocator(4096, 2 ** 30, ignore);
        const used = new Map<number, number>();
        for (const [bytes, frees] of steps) {
          const offset = allocator.allocate(bytes);
          expect(offset % BLOCK_ALIGNMENT).toBe(0);
          expect(offset).toBeGreaterThanOrEqual(4096);
          for (const [other, size] of used) expect(offset + bytes <= other || other + size <= offset).toBe(true);
          used.set(offset, bytes);
          if (!frees) continue;
          const [first] = used.keys();
          allocator.free(first!);
          used.delete(first!);
        }
        expect(allocator.count).toBe(used.size);
      }),
    );
  });

  it('uses a freed block again, and ignores what is not a block in use', () => {
    const allocator = new BlockAllocator(0, 2 ** 20, ignore);
    const offset = allocator.allocate(5000);
    allocator.free(offset);
    allocator.free(offset);
    allocator.free(12_345);
    expect([allocator.allocate(5100), allocator.count]).toEqual([offset, 1]);
  });

  it('refuses a block that does not fit', () => {
    const allocator = new BlockAllocator(0, 1024, ignore);
    expect(() => allocator.allocate(2000)).toThrow('Tensors of 2000 bytes do not fit');
    expect(allocator.allocate(1000)).toBe(0);
  });

  it('returns the pages of large free blocks once many are free', () => {
    const discarded: [offset: number, bytes: number][] = [];
    const allocator = new BlockAllocator(0, 2 ** 32, (offset, bytes) => void discarded.push([offset, bytes]));
    const blocks = Array.from({ length: 40 }, () => allocator.allocate(2 ** 20));
    for (const block of blocks) allocator.free(block);
    expect(discarded).toHaveLength(8);
    expect(discarded.every(([offset, bytes]) => blocks.includes(offset) && bytes === 2 ** 20)).toBe(true);
    expect(new Set(Array.from({ length: 40 }, () => allocator.allocate(2 ** 20)))).toEqual(new Set(blocks));
  });
});
