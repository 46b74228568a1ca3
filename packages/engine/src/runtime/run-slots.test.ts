import { systemClock } from '@serving/core/extend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunLane, RunSlots } from './run-slots.js';

/** Runs of one session, all submitted. */
function tasks(slots: RunSlots, names: string) {
  const started: string[] = [];
  const lane = slots.openLane();
  const submit = (name: string): void => lane.submit({ start: () => started.push(name) });
  for (const name of names) submit(name);
  return { started, submit, release: () => lane.release() };
}

/** Runs of two sessions, submitted in this order: capitals are the second one's. */
function runsOfTwo(slots: RunSlots, names: string) {
  const started: string[] = [];
  const lanes = [slots.openLane(), slots.openLane()] as const;
  const laneOf = (name: string): RunLane => lanes[name === name.toLowerCase() ? 0 : 1];
  for (const name of names) laneOf(name).submit({ start: () => started.push(name) });
  return { started, release: (name: string) => laneOf(name).release() };
}

describe('RunSlots', () => {
  it('starts as many runs as its limit and the others in order as these end', () => {
    const slots = new RunSlots(2);
    const { started, release } = tasks(slots, 'abcd');
    expect(started).toEqual(['a', 'b']);
    release();
    expect(started).toEqual(['a', 'b', 'c']);
    release();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('forgets a run that is removed while it waits', () => {
    const slots = new RunSlots(1);
    const started: number[] = [];
    const waiting = [0, 1, 2].map((i) => ({ start: () => started.push(i) }));
    const lane = slots.openLane();
    for (const task of waiting) lane.submit(task);
    expect(lane.remove(waiting[1]!)).toBe(true);
    expect(lane.remove(waiting[0]!)).toBe(false);
    lane.release();
    expect(started).toEqual([0, 2]);
  });

  it('has sessions take turns, however many runs one of them submits first', () => {
    const { started, release } = runsOfTwo(new RunSlots(1), 'abcAB');
    for (const name of 'abAc') release(name);
    expect(started).toEqual(['a', 'b', 'A', 'c', 'B']);
  });

  it('skips a session whose waiting runs are all removed', () => {
    const slots = new RunSlots(1);
    const { started, release } = tasks(slots, 'ab');
    const other = slots.openLane();
    const removed = { start: () => started.push('removed') };
    other.submit(removed);
    other.remove(removed);
    release();
    expect(started).toEqual(['a', 'b']);
  });

  it('spares a run beyond the limit for a session with none, while another has two', () => {
    const { started, release } = runsOfTwo(new RunSlots(2, true), 'aAbcdB');
    expect(started).toEqual(['a', 'A']);
    release('A');
    expect(started).toEqual(['a', 'A', 'b', 'B']);
    release('a');
    // Two are in flight, one of each session: no run may exceed the limit.
    expect(started).toEqual(['a', 'A', 'b', 'B']);
    release('B');
    expect(started).toEqual(['a', 'A', 'b', 'B', 'c']);
  });

  it('spares a waiting run as soon as its session has none in flight', () => {
    const slots = new RunSlots(3, true);
    const { started, release } = runsOfTwo(slots, 'abAcB');
    expect(started).toEqual(['a', 'b', 'A']);
    release('A');
    expect(started).toEqual(['a', 'b', 'A', 'c', 'B']);
  });

  it.each([
    ['the pool has no thread to spare', new RunSlots(2), 'abA', ['a', 'b']],
    ['the limit is one run at a time', new RunSlots(1, true), 'abA', ['a']],
    ['the others have one run each', new RunSlots(2, true), 'aAbB', ['a', 'A']],
  ])('spares none where %s', (_, slots, names, expected) => {
    expect(runsOfTwo(slots, names).started).toEqual(expected);
  });

  it('spares a run of a session that has been alone for a second', () => {
    let now = 5000;
    const slots = new RunSlots(2, true, { ...systemClock, now: () => now });
    const [one, other] = [slots.openLane(), slots.openLane()];
    const started: string[] = [];
    const submit = (lane: RunLane, ...names: string[]): void => {
      for (const name of names) lane.submit({ start: () => started.push(name) });
    };
    submit(one, 'a', 'b', 'c', 'd');
    expect(started).toEqual(['a', 'b', 'c']);
    one.release();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    submit(other, 'A');
    one.release();
    expect(started.slice(4)).toEqual(['A']);
    other.release();
    submit(one, 'e');
    now += 1000;
    submit(one, 'f');
    expect(started.slice(5)).toEqual([]);
    now += 1;
    submit(one, 'g');
    one.release();
    expect(started.slice(5)).toEqual(['e', 'f']);
  });

  it('leaves a thread to runs while models load', async () => {
    const slots = new RunSlots(2);
    const ends: (() => void)[] = [];
    const load = (): Promise<void> => slots.runLifecycle(() => new Promise((resolve) => ends.push(resolve)));
    const loads = [load(), load()];
    expect(ends.length).toBe(1);
    const { started } = tasks(slots, 'ab');
    expect(started).toEqual(['a']);
    ends[0]!();
    await loads[0];
    expect(ends.length).toBe(2);
    ends[1]!();
    await loads[1];
  });

  it('lets a load start next though runs keep coming', async () => {
    const slots = new RunSlots(1);
    const { started, submit, release } = tasks(slots, 'ab');
    let loaded = false;
    const load = slots.runLifecycle(async () => {
      loaded = true;
    });
    submit('c');
    release();
    expect([loaded, started]).toEqual([true, ['a']]);
    await load;
    expect(started).toEqual(['a', 'b']);
  });

  it('lets a load start next though a session that is alone has runs waiting without end', async () => {
    let now = 5000;
    const slots = new RunSlots(2, true, { ...systemClock, now: () => now });
    const { started, submit, release } = tasks(slots, 'abcd');
    now += 2000;
    submit('e');
    let loads = 0;
    const load = (): Promise<void> =>
      slots.runLifecycle(async () => {
        loads += 1;
      });
    const both = [load(), load()];
    for (const name of 'fghi') {
      submit(name);
      release();
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    }
    expect(loads).toBe(2);
    await Promise.all(both);
    expect(started.slice(0, 4)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the thread back when a load fails', async () => {
    const slots = new RunSlots(1);
    await expect(slots.runLifecycle(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(tasks(slots, 'a').started).toEqual(['a']);
  });

  it('starts each load before as many runs have ended as fit on the pool, whatever runs wait', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.array(fc.record({ lane: fc.nat(2), ms: fc.constantFrom(0, 0, 400, 1100), pick: fc.nat(20) }), {
          minLength: 1,
          maxLength: 40,
        }),
        async (limit, hasSpare, steps) => {
          let now = 5000;
          const slots = new RunSlots(limit, hasSpare, { ...systemClock, now: () => now });
          const lanes = [0, 1, 2].map(() => slots.openLane());
          const running: RunLane[] = [];
          const submit = (lane: RunLane): void => lane.submit({ start: () => running.push(lane) });
          for (const { lane, ms, pick } of steps) {
            now += ms;
            for (let i = 0; i <= limit; i += 1) submit(lanes[lane]!);
            if (pick % 3 === 0 && running.length > 0) running.splice(pick % running.length, 1)[0]!.release();
          }
          let isLoaded = false;
          const load = slots.runLifecycle(async () => {
            isLoaded = true;
          });
          let ended = 0;
          for (const { lane, ms, pick } of [...steps, ...steps, ...steps]) {
            if (isLoaded || ended > limit) break;
            now += ms;
            submit(lanes[lane]!);
            running.splice(pick % running.length, 1)[0]?.release();
            ended += 1;
          }
          while (!isLoaded && ended <= limit && running.length > 0) {
            running.splice(0, 1)[0]!.release();
            ended += 1;
          }
          expect(isLoaded).toBe(true);
          await load;
        },
      ),
    );
  });

  it('never has more than its limit running, and one to spare, and runs everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.array(fc.constantFrom('load', 0, 1, 2), { maxLength: 40 }),
        async (limit, hasSpare, kinds) => {
          const slots = new RunSlots(limit, hasSpare);
          const lanes = [0, 1, 2].map(() => slots.openLane());
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
          const load = async (): Promise<void> => {
            enter();
            await Promise.resolve();
            leave();
          };
          const run = (lane: RunLane, resolve: () => void): void => {
            enter();
            queueMicrotask(() => {
              leave();
              lane.release();
              resolve();
            });
          };
          await Promise.all(
            kinds.map((kind) => {
              if (typeof kind === 'string') return slots.runLifecycle(load);
              const lane = lanes[kind]!;
              return new Promise<void>((resolve) => lane.submit({ start: () => run(lane, resolve) }));
            }),
          );
          expect(done).toBe(kinds.length);
          expect(most).toBeLessThanOrEqual(hasSpare && limit > 1 ? limit + 1 : limit);
        },
      ),
    );
  });
});
