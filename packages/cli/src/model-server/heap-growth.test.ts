import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { heapGrowthFlag } from './heap-growth.js';

describe('heapGrowthFlag', () => {
  it('is a flag that V8 takes', () => {
    expect(() => setFlagsFromString(heapGrowthFlag([])!)).not.toThrow();
  });

  it.each([['--heap-growing-percent=50'], ['--heap_growing_percent=50'], ['--heap-growing-percent']])(
    'leaves a process that was started with %s its own value',
    (argument) => {
      expect(heapGrowthFlag(['--enable-source-maps', argument])).toBeUndefined();
    },
  );
});
