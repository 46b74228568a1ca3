/** Log collectors that record their calls. */
import type { LogCollector } from './log-collector.js';
import type { LogCollectorContext } from './log-collector-registry.js';
import { LogCollectorRegistry } from './log-collector-registry.js';
import type { PredictionLog } from './prediction-log.js';

export class FakeCollector implements LogCollector {
  /** What was called, in order. */
  readonly calls: string[] = [];
  readonly logs: PredictionLog[] = [];
  readonly context: LogCollectorContext | undefined;
  /** Called by each `collect`; throws, rejects or waits. */
  onCollect: (log: PredictionLog) => void | Promise<void> = () => undefined;
  onFlush: () => Promise<void> = async () => undefined;

  constructor(context?: LogCollectorContext) {
    this.context = context;
  }

  collect(log: PredictionLog): void | Promise<void> {
    this.logs.push(log);
    return this.onCollect(log);
  }

  flush(): Promise<void> {
    this.calls.push('flush');
    return this.onFlush();
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

/** The type `fake`, and what was made of it by `filenamePrefix`; the prefix `bad` is refused. */
export class FakeCollectors {
  readonly made = new Map<string, FakeCollector[]>();
  readonly registry = new LogCollectorRegistry().register('fake', ({ filenamePrefix = '' }, context) => {
    if (filenamePrefix === 'bad') throw new Error('a bad prefix');
    const collector = new FakeCollector(context);
    this.made.set(filenamePrefix, [...(this.made.get(filenamePrefix) ?? []), collector]);
    return collector;
  });

  /** The latest of a prefix. */
  of(prefix: string): FakeCollector {
    return this.made.get(prefix)!.at(-1)!;
  }

  /** How many there were of each prefix. */
  get counts(): Record<string, number> {
    return Object.fromEntries(Array.from(this.made, ([prefix, collectors]) => [prefix, collectors.length]));
  }
}
