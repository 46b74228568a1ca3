import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressSnappy } from './snappy.js';

describe('Snappy blocks', () => {
  it.each([
    ['a literal', [3, 8, 97, 98, 99], 'abc'],
    ['a copy that overlaps itself', [8, 0, 97, ((7 - 4) << 2) | 1, 1], 'aaaaaaaa'],
    ['a copy with two bytes of distance', [6, 8, 97, 98, 99, (2 << 2) | 2, 3, 0], 'abcabc'],
    ['a copy with four bytes of distance', [6, 8, 97, 98, 99, (2 << 2) | 3, 3, 0, 0, 0], 'abcabc'],
    ['a literal with its length in a byte', [62, 60 << 2, 61, ...Array(62).fill(120)], 'x'.repeat(62)],
    ['nothing', [0], ''],
  ])('decompresses %s', (_, bytes, expected) => {
    expect(Buffer.from(decompressSnappy(Uint8Array.from(bytes))).toString()).toBe(expected);
  });

  it.each([
    ['a length of a gigabyte', [128, 128, 128, 128, 4]],
    ['a copy from before the start', [4, 0, 97, 1, 9]],
    ['more than it claims', [1, 8, 97, 98, 99]],
    ['less than it claims', [9, 8, 97, 98, 99]],
    ['a literal that is cut off', [3, 8, 97]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decompressSnappy(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'DATA_LOSS' }));
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decompressSnappy(bytes);
        } catch (error) {
          expect(error).toHaveProperty('code', 'DATA_LOSS');
        }
      }),
      { seed: 3 },
    );
  });
});
