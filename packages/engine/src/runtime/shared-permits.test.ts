import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SharedPermits } from './shared-permits.js';

const nothing = (): void => undefined;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves with the permits of another holder, and when it was called. */
function holderOf({ memory }: SharedPermits) {
  let calls = 0;
  const permits = new SharedPermits(memory, () => calls++);
  return { permits, calls: () => calls };
}

describe('SharedPermits', () => {
  it('gives all holders together as many as the limit, less those that are in use already', () => {
    const permits = SharedPermits.create(3, 1, nothing);
    const other = holderOf(permits);
    expect([permits.tryTake(), other.permits.tryTake(), permits.tryTake(), other.permits.tryTake()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('calls a holder that got none once when one comes back from another', async () => {
    const permits = SharedPermits.create(1, 0, nothing);
    const other = holderOf(permits);
    expect(permits.tryTake()).toBe(true);
    expect([other.permits.tryTake(), other.permits.tryTake()]).toEqual([false, false]);
    await nextTurn();
    expect(other.calls()).toBe(0);
    permits.give();
    while (other.calls() === 0) await nextTurn();
    await nextTurn();
    expect(other.calls()).toBe(1);
    expect(other.permits.tryTake()).toBe(true);
  });

  it('calls each holder that waits', async () => {
    const permits = SharedPermits.create(1, 1, nothing);
    const others = [holderOf(permits), holderOf(permits), holderOf(permits)];
    for (const other of others) expect(other.permits.tryTake()).toBe(false);
    permits.give();
    while (others.some(({ calls }) => calls() === 0)) await nextTurn();
    expect(others.filter(({ permits: each }) => each.tryTake())).toHaveLength(1);
    for (const other of others) expect(other.calls()).toBe(1);
  });

  it('never calls a holder that got what it asked for', async () => {
    const permits = SharedPermits.create(1, 0, nothing);
    const other = holderOf(permits);
    expect(other.permits.tryTake()).toBe(true);
    other.permits.give();
    await nextTurn();
    expect(other.calls()).toBe(0);
  });

  it('has no more than the limit in use, and none left over, whatever the order', () => {
    const steps = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (limit, order) => {
        const first = SharedPermits.create(limit, 0, nothing);
        const holders = [first, holderOf(first).permits, holderOf(first).permits];
        const held = [0, 0, 0];
        const inUse = (): number => held.reduce((a, b) => a + b);
        for (const [i, takes] of order) {
          if (takes) {
            const isFree = inUse() < limit;
            expect(holders[i]!.tryTake()).toBe(isFree);
            if (isFree) held[i]!++;
          } else if (held[i]! > 0) {
            holders[i]!.give();
            held[i]!--;
          }
        }
        expect(new Int32Array(first.memory.counts)[0]).toBe(inUse());
      }),
    );
  });

  it('counts those of other threads, and hears from them', async () => {
    const other = holderOf(SharedPermits.create(1, 1, nothing));
    expect(other.permits.tryTake()).toBe(false);
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads');
       import(workerData.module).then(({ SharedPermits }) => new SharedPermits(workerData.memory, () => {}).give());`,
      {
        eval: true,
        execArgv: [],
        workerData: {
          module: new URL('../../dist/runtime/shared-permits.js', import.meta.url).href,
          memory: other.permits.memory,
        },
      },
    );
    onTestFinished(async () => void (await worker.terminate()));
    while (other.calls() === 0) await nextTurn();
    expect(other.permits.tryTake()).toBe(true);
  });
});
