import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.js';
import type { LogCollector } from './log-collector.js';
import { type LogCollectorContext, LogCollectorRegistry } from './log-collector-registry.js';

const collector: LogCollector = { collect: () => undefined };
const context: LogCollectorContext = {
  loggingConfig: { samplingConfig: { samplingRate: 1 } },
  clock: systemClock,
  onLost: () => undefined,
  onError: () => undefined,
};

describe('LogCollectorRegistry', () => {
  it('makes a collector by the factory of its type', () => {
    const asked: unknown[] = [];
    const registry = new LogCollectorRegistry().register('queue', (...args) => {
      asked.push(args);
      return collector;
    });
    const config = { type: 'queue', filenamePrefix: 'p' };
    expect(registry.create(config, context)).toBe(collector);
    expect(asked).toEqual([[config, context]]);
  });

  it.each([
    [new LogCollectorRegistry(), 'none'],
    [new LogCollectorRegistry().register('a', () => collector).register('b', () => collector), 'a, b'],
  ])('names a type that it does not know, and those that it knows', (registry, known) => {
    expect(() => registry.create({ type: 'tfrecord' }, context)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: `No log collector of type "tfrecord" is registered in logCollectors (registered: ${known})`,
      }),
    );
  });

  it('keeps the first of two of one type', () => {
    const registry = new LogCollectorRegistry().register('queue', () => collector);
    expect(() => registry.register('queue', () => ({ ...collector }))).toThrow(
      expect.objectContaining({
        code: 'ALREADY_EXISTS',
        message: 'A log collector of type "queue" is registered already',
      }),
    );
    expect(registry.create({ type: 'queue' }, context)).toBe(collector);
  });
});
