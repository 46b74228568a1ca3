import { describe, expect, it } from 'vitest';
import { sliceKey } from './tensor-slice.js';

describe('the key of a stored slice', () => {
  it.each([
    [
      'table',
      [
        { start: 4, length: 3 },
        { start: 0, length: 3 },
      ],
      '007461626c650001010284838083',
    ],
    ['t', [{ start: 0, length: -1 }], '007400010101807f'],
    ['t', [{ start: 1_500_000, length: 64 }], '00740001' + '0101' + 'f016e360' + 'c040'],
    ['a\0b', [], '006100ff62000100'],
    ['\xff', [], '00ff00000100'],
  ])('of %j is in order of name and place', (name, extents, expected) => {
    expect(Buffer.from(sliceKey(name, extents), 'latin1').toString('hex')).toBe(expected);
  });
});
