import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { DeadlineTimer } from './call-limits.js';

function makeTimer() {
  const clock = new ManualClock();
  const timer = new DeadlineTimer(clock);
  const expired: [string, number][] = [];
  const add = (name: string, deadline: number) => {
    const wait = {
      deadline,
      onExpired: () => expired.push([name, clock.now()]),
      onGivenUp: () => expired.push([`${name} given up`, clock.now()]),
    };
    timer.add(wait);
    return wait;
  };
  return { clock, timer, expired, add };
}

describe('DeadlineTimer', () => {
  it('ends each wait at its deadline, with one timer at a time', async () => {
    const { clock, expired, add } = makeTimer();
    add('b', 20);
    add('c', 30);
    add('a', 10);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(100);
    expect(expired).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends waits that have one deadline together, and one that has passed already at once', async () => {
    const { clock, expired, add } = makeTimer();
    await clock.advance(50);
    add('a', 60);
    add('b', 60);
    add('late', 40);
    await clock.advance(10);
    expect(expired).toEqual([
      ['late', 50],
      ['a', 60],
      ['b', 60],
    ]);
  });

  it('forgets a wait that was removed, and touches no timer for it', async () => {
    const { clock, timer, expired, add } = makeTimer();
    const first = add('a', 10);
    add('b', 20);
    timer.remove(first);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(100);
    expect(expired).toEqual([['b', 20]]);
  });

  it('gives up every wait, also one without a deadline, and what was removed not', async () => {
    const { clock, timer, expired, add } = makeTimer();
    add('a', 10);
    timer.remove(add('removed', 20));
    add('never', Number.POSITIVE_INFINITY);
    timer.giveUpAll();
    await clock.advance(100);
    expect(expired).toEqual([
      ['a given up', 0],
      ['never given up', 0],
    ]);
  });

  it('waits for a deadline that is further off than any timer can be', async () => {
    const { clock, expired, add } = makeTimer();
    add('far', 2 ** 32);
    add('never', Number.POSITIVE_INFINITY);
    await clock.advance(2 ** 32 - 1);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual([['far', 2 ** 32]]);
    expect(clock.pendingTimers).toBe(0);
  });
});
