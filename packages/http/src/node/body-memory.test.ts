import { describe, expect, it } from 'vitest';
import { giveBodyMemory, MOST_GATHERED, takeBodyMemory } from './body-memory.js';

const MEBI = 1024 * 1024;

describe('memory of bodies', () => {
  it('is used again for a body that fits', () => {
    const memory = takeBodyMemory(3 * MEBI);
    expect(memory.length).toBe(4 * MEBI);
    giveBodyMemory(memory);
    expect(takeBodyMemory(4 * MEBI)).toBe(memory);
  });

  it('is one body’s alone until it is given back', () => {
    const first = takeBodyMemory(MEBI);
    expect(takeBodyMemory(MEBI) === first).toBe(false);
  });

  it('is left for others where a body needs more', () => {
    const small = takeBodyMemory(MEBI);
    giveBodyMemory(small);
    expect(takeBodyMemory(2 * MEBI).length).toBe(2 * MEBI);
    expect(takeBodyMemory(MEBI)).toBe(small);
  });

  it('is kept up to 16 MiB', () => {
    const taken = Array.from({ length: 5 }, () => takeBodyMemory(MOST_GATHERED));
    for (const memory of taken) giveBodyMemory(memory);
    const again = Array.from({ length: 5 }, () => takeBodyMemory(MOST_GATHERED));
    expect(again.filter((memory) => taken.includes(memory))).toHaveLength(2);
  });
});
