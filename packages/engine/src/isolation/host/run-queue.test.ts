import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { IsolatedRun } from '../runs/isolated-run.js';
import { RunQueue } from './run-queue.js';

const MIB = 2 ** 20;

const runOf = (inputBytes: number): IsolatedRun => ({ inputBytes, isSuspect: false }) as IsolatedRun;

describe('RunQueue', () => {
  it('starts runs of large inputs in several turns of the event loop, in their order', async () => {
    const started: IsolatedRun[] = [];
    const queue = new RunQueue((run) => started.push(run));
    queue.open();
    const runs = [3, 3, 3, 0, 1].map((mib) => runOf(mib * MIB));
    for (const run of runs) queue.add(run);
    expect(started).toEqual(runs.slice(0, 2));
    await setImmediate();
    expect(started).toEqual(runs);
  });

  it('keeps runs that wait for a turn until the next process', async () => {
    const started: IsolatedRun[] = [];
    const queue = new RunQueue((run) => started.push(run));
    queue.open();
    const [first, second] = [runOf(5 * MIB), runOf(0)];
    queue.add(first);
    queue.add(second);
    queue.pause();
    await setImmediate();
    expect(started).toEqual([first]);
    queue.open();
    expect(started).toEqual([first, second]);
  });
});
