/** Kinds of log collectors by the `type` that configurations name. */
import type { Clock } from '../clock.js';
import { ServingError } from '../serving-error.js';
import type { LogCollector } from './log-collector.js';
import type { LogCollectorConfig, LoggingConfig } from './logging-config.js';

/** The context that a factory gets for the collector it creates. */
export interface LogCollectorContext {
  readonly loggingConfig: LoggingConfig;
  /** The server's. */
  readonly clock: Clock;
  /** To be called for logs that were collected and then lost: they are counted. */
  readonly onLost: (logs: number, error: ServingError) => void;
  /** Publishes an error as an `error` event of the server. */
  readonly onError: (error: ServingError) => void;
}

/** Makes a collector, for one logger. Nothing should be opened before the first log; what it throws refuses the configuration. */
export type LogCollectorFactory = (config: LogCollectorConfig, context: LogCollectorContext) => LogCollector;

/**
 * May be given to several servers. Types may be registered while they run, for the configurations that come then.
 *
 * @example
 * ```ts
 * const logCollectors = new LogCollectorRegistry().register('tfrecord', tfRecordLogCollector());
 * const server = await ModelServer.start({ ...options, logCollectors });
 * ```
 */
export class LogCollectorRegistry {
  readonly #factories = new Map<string, LogCollectorFactory>();

  /** @throws ServingError `ALREADY_EXISTS` for a type that is there already. */
  register(type: string, factory: LogCollectorFactory): this {
    if (this.#factories.has(type)) {
      throw new ServingError('ALREADY_EXISTS', `A log collector of type "${type}" is registered already`);
    }
    this.#factories.set(type, factory);
    return this;
  }

  /** @throws ServingError `NOT_FOUND` for a type that isn't registered, or what its factory throws. */
  create(config: LogCollectorConfig, context: LogCollectorContext): LogCollector {
    const factory = this.#factories.get(config.type);
    if (factory) return factory(config, context);
    const registered = [...this.#factories.keys()].join(', ') || 'none';
    throw new ServingError(
      'NOT_FOUND',
      `No log collector of type "${config.type}" is registered in logCollectors (registered: ${registered})`,
    );
  }
}
