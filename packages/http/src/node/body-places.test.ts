import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { type BodyPlace, BodyPlaces } from './body-places.js';

const MEBI = 1024 * 1024;

class FakeBody {
  isPaused = false;
  pause(): this {
    this.isPaused = true;
    return this;
  }
  resume(): this {
    this.isPaused = false;
    return this;
  }
}

/** A loop that is idle for a share of the time. */
function start(idleShare = 0) {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const places = new BodyPlaces(clock, () => (clock.now() - startedAt) * idleShare);
  const bodies: FakeBody[] = [];
  const enter = (count: number): BodyPlace[] =>
    Array.from({ length: count }, () => {
      const body = new FakeBody();
      bodies.push(body);
      return places.enter(body as never);
    });
  const paused = (): boolean[] => bodies.map(({ isPaused }) => isPaused);
  return { clock, enter, paused };
}

describe('BodyPlaces', () => {
  it('lets two bodies come, and the others in their order as places are left', () => {
    const { enter, paused } = start();
    const places = enter(5);
    expect(paused()).toEqual([false, false, true, true, true]);
    places[1]!.leave();
    expect(paused()).toEqual([false, false, false, true, true]);
    places[1]!.leave();
    places[0]!.leave();
    expect(paused()).toEqual([false, false, false, false, true]);
  });

  it('forgets a body that leaves while it waits', () => {
    const { enter, paused } = start();
    const places = enter(4);
    places[2]!.leave();
    places[0]!.leave();
    expect(paused()).toEqual([false, false, false, false]);
  });

  it('takes the places of slow bodies for others after 40 ms, and reads the slow ones on', async () => {
    const { clock, enter, paused } = start();
    const [fast, slow] = enter(5);
    for (const _ of [1, 2]) {
      fast!.onBytes(MEBI);
      slow!.onBytes(1000);
      await clock.advance(20);
    }
    expect(paused()).toEqual([false, false, false, true, true]);
    slow!.leave();
    expect(paused()).toEqual([false, false, false, true, true]);
    fast!.leave();
    expect(paused()).toEqual([false, false, false, false, true]);
  });

  it('lets all bodies come while the event loop waits for bytes', async () => {
    const { clock, enter, paused } = start(0.6);
    const [first, second] = enter(6);
    for (const place of [first!, second!]) place.onBytes(MEBI);
    await clock.advance(20);
    expect(paused()).toEqual([false, false, false, false, false, false]);
  });

  it('has no body wait for more than a second', async () => {
    const { clock, enter, paused } = start();
    const holders = enter(2);
    enter(1);
    for (let i = 0; i < 49; i++) {
      for (const place of holders) place.onBytes(MEBI);
      await clock.advance(20);
    }
    expect(paused()).toEqual([false, false, true]);
    for (const place of holders) place.onBytes(MEBI);
    await clock.advance(20);
    expect(paused()).toEqual([false, false, false]);
  });

  it('sets no timer while none waits', async () => {
    const { clock, enter } = start();
    const places = enter(3);
    places[0]!.leave();
    await clock.advance(20);
    expect(clock.pendingTimers).toBe(0);
  });
});
