import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolLimiter } from './pool-limiter.js';

function tasks(limiter: PoolLimiter, names: string): { started: string[]; submit: (name: string) => void } {
  const started: string[] = [];
  const submit = (name: string): void => limiter.submit({ start: () => started.push(name) });
  for (const name of names) submit(name);
  return { started, submit };
}

describe('PoolLimiter', () => {
  it('starts as many runs as its limit and the others in order as these end', () => {
    const limiter = new PoolLimiter(2);
    const { started } = tasks(limiter, 'abcd');
    expect(started).toEqual(['a', 'b']);
    limiter.release();
    expect(started).toEqual(['a', 'b', 'c']);
    limiter.release();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('forgets a run that is removed while it waits', () => {
    const limiter = new PoolLimiter(1);
    const started: number[] = [];
    const waiting = [0, 1, 2].map((i) => ({ start: () => started.push(i) }));
    for (const task of waiting) limiter.submit(task);
    expect(limiter.remove(waiting[1]!)).toBe(true);
    expect(limiter.remove(waiting[0]!)).toBe(false);
    limiter.release();
    expect(started).toEqual([0, 2]);
  });

  it('leaves a thread to runs while models load', async () => {
    const limiter = new PoolLimiter(2);
    const ends: (() => void)[] = [];
    const load = (): Promise<void> => limiter.runLifecycle(() => new Promise((resolve) => ends.push(resolve)));
    const loads = [load(), load()];
    expect(ends.length).toBe(1);
    const { started } = tasks(limiter, 'ab');
    expect(started).toEqual(['a']);
    ends[0]!();
    await loads[0];
    expect(ends.length).toBe(2);
    ends[1]!();
    await loads[1];
  });

  it('lets a load start next though runs keep coming', async () => {
    const limiter = new PoolLimiter(1);
    const { started, submit } = tasks(limiter, 'ab');
    let loaded = false;
    const load = limiter.runLifecycle(async () => {
      loaded = true;
    });
    submit('c');
    limiter.release();
    expect([loaded, started]).toEqual([true, ['a']]);
    await load;
    expect(started).toEqual(['a', 'b']);
  });

  it('gives the thread back when a load fails', async () => {
    const limiter = new PoolLimiter(1);
    await expect(limiter.runLifecycle(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(tasks(limiter, 'a').started).toEqual(['a']);
  });

  it('never has more than its limit running, and runs everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (limit, kinds) => {
          const limiter = new PoolLimiter(limit);
          let active = 0;
          let most = 0;
          let done = 0;
          const enter = (): void => {
            most = Math.max(most, ++active);
          };
          const leave = (): void => {
            active--;
            done++;
          };
          await Promise.all(
            kinds.map((isLoad) =>
              isLoad
                ? limiter.runLifecycle(async () => {
                    enter();
                    await Promise.resolve();
                    leave();
                  })
                : new Promise<void>((resolve) =>
                    limiter.submit({
                      start: () => {
                        enter();
                        queueMicrotask(() => {
                          leave();
                          limiter.release();
                          resolve();
                        });
                      },
                    }),
                  ),
            ),
          );
          expect(done).toBe(kinds.length);
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});
