import { describe, expect, it } from 'vitest';
import { EventBus } from './event-bus.js';

interface Events {
  tick: number;
  tock: string;
}

function makeBus(): { bus: EventBus<Events>; errors: unknown[] } {
  const errors: unknown[] = [];
  return { bus: new EventBus<Events>((error, name) => errors.push([name, error])), errors };
}

describe('EventBus', () => {
  it('calls the subscribers of an event at once and in order', () => {
    const { bus } = makeBus();
    const heard: unknown[] = [];
    bus.on('tick', (n) => heard.push(['first', n]));
    bus.on('tick', (n) => heard.push(['second', n]));
    bus.on('tock', (s) => heard.push(['tock', s]));
    bus.publish('tick', 1);
    expect(heard).toEqual([
      ['first', 1],
      ['second', 1],
    ]);
  });

  it('shows every subscriber the same order when a subscriber publishes', () => {
    const { bus } = makeBus();
    const heard: string[] = [];
    bus.on('tick', (n) => {
      heard.push(`a${n}`);
      if (n < 3) bus.publish('tick', n + 1);
    });
    bus.on('tick', (n) => heard.push(`b${n}`));
    bus.publish('tick', 1);
    expect(heard).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('reports a subscriber that throws and goes on with the others', () => {
    const { bus, errors } = makeBus();
    const heard: number[] = [];
    const failure = new Error('no');
    bus.on('tick', () => {
      throw failure;
    });
    bus.on('tick', (n) => heard.push(n));
    bus.publish('tick', 1);
    bus.publish('tick', 2);
    expect(heard).toEqual([1, 2]);
    expect(errors).toEqual([
      ['tick', failure],
      ['tick', failure],
    ]);
  });

  it('ends a subscription by its function, by off, and by a signal', () => {
    const { bus } = makeBus();
    const heard: string[] = [];
    const controller = new AbortController();
    const listener = (): unknown => heard.push('off');
    const unsubscribe = bus.on('tick', () => heard.push('function'));
    bus.on('tick', listener);
    bus.on('tick', () => heard.push('signal'), { signal: controller.signal });
    bus.publish('tick', 1);
    unsubscribe();
    unsubscribe();
    bus.off('tick', listener);
    controller.abort();
    bus.publish('tick', 2);
    bus.on('tick', () => heard.push('aborted before'), { signal: controller.signal });
    bus.publish('tick', 3);
    expect(heard).toEqual(['function', 'off', 'signal']);
  });

  it('gives no more of an event to a subscriber that was unsubscribed during it', () => {
    const { bus } = makeBus();
    const heard: string[] = [];
    bus.on('tick', () => unsubscribe());
    const unsubscribe = bus.on('tick', () => heard.push('late'));
    bus.publish('tick', 1);
    expect(heard).toEqual([]);
  });

  it('calls a once subscriber once, even when it publishes the event itself', () => {
    const { bus } = makeBus();
    const heard: number[] = [];
    bus.once('tick', (n) => {
      heard.push(n);
      bus.publish('tick', n + 1);
    });
    bus.publish('tick', 1);
    expect(heard).toEqual([1]);
  });
});
