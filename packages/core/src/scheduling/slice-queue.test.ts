import { describe, expect, it } from 'vitest';
import { PuppetLoop } from '../../../test-doubles/src/puppet-loop.js';
import { type QueuedWork, SliceQueue } from './slice-queue.js';

const workOf = (slices: number, name: string, log: string[]): QueuedWork<string> => {
  let left = slices;
  return {
    step: () => {
      log.push(name);
      return --left === 0;
    },
    result: name,
  };
};

const goOn = (): void => undefined;

describe('SliceQueue', () => {
  it('turns the event loop after each slice, of all work together', async () => {
    const loop = new PuppetLoop();
    const queue = new SliceQueue(loop.schedule);
    const log: string[] = [];
    const results = Promise.all([queue.run(workOf(5, 'a', log), goOn), queue.run(workOf(4, 'b', log), goOn)]);
    expect(log).toEqual([]);
    while (loop.turn()) expect(log.length).toBe(loop.turns);
    expect(await results).toEqual(['a', 'b']);
    expect(loop.turns).toBe(9);
  });

  it('lets the next in line have its turn after some slices', async () => {
    const loop = new PuppetLoop();
    const queue = new SliceQueue(loop.schedule);
    const log: string[] = [];
    const results = Promise.all([queue.run(workOf(20, 'a', log), goOn), queue.run(workOf(10, 'b', log), goOn)]);
    while (loop.turn());
    await results;
    expect(log.join('')).toBe(`${'a'.repeat(8)}${'b'.repeat(8)}${'a'.repeat(8)}bb${'a'.repeat(4)}`);
  });

  it('ends work between two slices when it is not to go on, and what fails, and nothing else', async () => {
    const loop = new PuppetLoop();
    const queue = new SliceQueue(loop.schedule);
    const log: string[] = [];
    let gone = false;
    const stopped = queue.run(workOf(20, 'a', log), () => {
      if (gone) throw new Error('gone');
    });
    const failing = queue.run<string>(
      {
        step: () => {
          throw new Error('bad');
        },
        result: '',
      },
      goOn,
    );
    const other = queue.run(workOf(1, 'b', log), goOn);
    loop.turn();
    gone = true;
    while (loop.turn());
    await expect(stopped).rejects.toThrow('gone');
    await expect(failing).rejects.toThrow('bad');
    expect(await other).toBe('b');
    expect(log).toEqual(['a', 'b']);
  });

  it('begins again after it was idle', async () => {
    const loop = new PuppetLoop();
    const queue = new SliceQueue(loop.schedule);
    for (let i = 0; i < 2; i++) {
      const result = queue.run(workOf(2, 'a', []), goOn);
      while (loop.turn());
      expect(await result).toBe('a');
    }
  });
});
