import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UnreadResults } from './unread-results.js';

const MIB = 2 ** 20;

/** The words of a message that refers to a block. */
const block = (bytes: number): Uint32Array => Uint32Array.of(0, 0, bytes, 0, 0);

describe('UnreadResults', () => {
  it('reads small results at once, and large ones in several turns, in their order', async () => {
    const read: number[] = [];
    const results = new UnreadResults((id) => read.push(id));
    for (let id = 0; id < 3; id++) results.add(id, block(MIB));
    expect(read).toEqual([0, 1, 2]);
    for (let id = 3; id < 9; id++) results.add(id, block(3 * MIB));
    expect(read).toEqual([0, 1, 2, 3]);
    await setImmediate();
    expect(read).toEqual([0, 1, 2, 3, 4, 5]);
    results.add(9, block(1));
    await setImmediate();
    await setImmediate();
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('keeps the words of a message whose memory is used again', async () => {
    const sizes: number[] = [];
    const results = new UnreadResults((_, words) => sizes.push(words[2]!));
    const words = block(8 * MIB);
    results.add(0, words);
    results.add(1, words);
    words.fill(0);
    await setImmediate();
    expect(sizes).toEqual([8 * MIB, 8 * MIB]);
  });

  it('reads the rest at once when the memory goes', () => {
    const read: number[] = [];
    const results = new UnreadResults((id) => read.push(id));
    for (let id = 0; id < 4; id++) results.add(id, block(8 * MIB));
    results.readAll();
    expect(read).toEqual([0, 1, 2, 3]);
  });
});
