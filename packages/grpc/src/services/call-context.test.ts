import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { CallContext } from './call-context.js';

class FakeCall extends EventEmitter {
  cancelled = false;
  deadline: Date | number = Number.POSITIVE_INFINITY;

  getDeadline(): Date | number {
    return this.deadline;
  }

  cancel(): void {
    this.cancelled = true;
    this.emit('cancelled');
  }
}

function setUp(): { call: FakeCall; context: CallContext; clock: ManualClock } {
  const call = new FakeCall();
  const clock = new ManualClock();
  return { call, clock, context: new CallContext(call, clock) };
}

describe('CallContext', () => {
  it('aborts runs of a call that is cancelled, before they begin or later', () => {
    const { call, context } = setUp();
    const { signal } = context;
    expect(signal.aborted).toBe(false);
    call.cancel();
    expect(signal.aborted).toBe(true);
    const later = setUp();
    later.call.cancel();
    expect(later.context.isAborted).toBe(true);
    expect(later.context.signal.aborted).toBe(true);
  });

  it('aborts nothing once the call is answered', () => {
    const { call, context } = setUp();
    const { signal } = context;
    context.done();
    call.cancel();
    expect(signal.aborted).toBe(false);
    expect(call.listenerCount('cancelled')).toBe(0);
  });

  it.each([
    ['a number', (ms: number) => ms],
    ['a date', (ms: number) => new Date(ms)],
  ])('has the deadline on the clock of the model server, given as %s', async (_, form) => {
    const { call, context, clock } = setUp();
    await clock.advance(5000);
    call.deadline = form(Date.now() + 60_000);
    const { deadline } = context;
    expect(deadline).toBeGreaterThan(5000);
    expect(deadline).toBeLessThanOrEqual(65_000);
  });

  it('has none when the client has none', () => {
    expect(setUp().context.deadline).toBeUndefined();
  });

  it("takes the earlier one of the client's and the request's", async () => {
    const { call, context, clock } = setUp();
    context.limit(1000);
    expect(context.deadline).toBe(1000);
    call.deadline = Date.now() + 60_000;
    const both = new CallContext(call, clock);
    both.limit(90_000);
    expect(both.deadline).toBeLessThanOrEqual(60_000);
  });
});
