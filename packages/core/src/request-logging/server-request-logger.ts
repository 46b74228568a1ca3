/** The loggers of a server's models (TensorFlow Serving's `core/server_request_logger.cc`). */
import type { Clock } from '../clock.js';
import { requestLogLossChannel } from '../diagnostics/channels.js';
import type { RequestLogLossEvent } from '../diagnostics/events.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { ServingError } from '../serving-error.js';
import type { LogCollector } from './log-collector.js';
import type { LogCollectorContext, LogCollectorRegistry } from './log-collector-registry.js';
import { isSameLoggingConfig, type LoggingConfig, type ServerTask } from './logging-config.js';
import type { LoggedRequest } from './prediction-log.js';
import { RequestLogger } from './request-logger.js';

/** One model's logging in a configuration. */
export interface LoggedModel {
  readonly name: string;
  readonly loggingConfig?: LoggingConfig;
}

export interface ServerRequestLoggerOptions {
  readonly collectors: LogCollectorRegistry;
  readonly task: ServerTask;
  readonly clock: Clock;
  readonly onError: (error: ServingError) => void;
  /** Numbers from 0 to less than 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** What the request that was drawn is given to, once it is answered. */
interface SampledRequestLogger {
  /** Collects the request and its answer, which must not change afterwards. Doesn't throw. */
  log(handle: ServableHandle<InferenceServable>, logged: LoggedRequest, signatureName?: string): void;
}

/** Chooses the requests that are logged. A `ModelServer` has one while a model of it has a `loggingConfig`. */
export interface RequestSampler {
  /** The logger of a model, if its request at hand is to be logged. */
  sample(model: string): SampledRequestLogger | undefined;
}

/** Loggers that are made and not yet in place. Exactly one of the two is to be called. */
export interface PreparedLoggers {
  commit(): void;
  discard(): void;
}

/** Models with equal configurations share a logger, and a logger stays as long as a model has its configuration. */
export class ServerRequestLogger implements RequestSampler {
  readonly #options: ServerRequestLoggerOptions;
  readonly #closings = new Set<Promise<void>>();
  #loggers: ReadonlyMap<string, RequestLogger> = new Map();
  /** Itself, if any model is logged. */
  sampler: RequestSampler | undefined = undefined;

  constructor(options: ServerRequestLoggerOptions) {
    this.#options = options;
  }

  sample(model: string): RequestLogger | undefined {
    const logger = this.#loggers.get(model);
    return logger?.isSampled() ? logger : undefined;
  }

  /** The share of a model's requests that is logged. */
  samplingRateOf(model: string): number {
    return this.#loggers.get(model)?.samplingRate ?? 0;
  }

  /** Logs a request that was drawn elsewhere, unless its model is no longer logged. */
  log(handle: ServableHandle<InferenceServable>, logged: LoggedRequest, signatureName?: string): void {
    this.#loggers.get(handle.id.name)?.log(handle, logged, signatureName);
  }

  /**
   * Makes what is missing of the loggers for these models, which replace all others.
   *
   * @throws ServingError with nothing changed, and the model's name in front, `NOT_FOUND` for an unknown type of collector, or what
   * the collector's factory throws.
   */
  prepare(models: readonly LoggedModel[]): PreparedLoggers {
    const made: RequestLogger[] = [];
    const discard = (): void => {
      for (const logger of made) this.#retire(logger);
    };
    const known = new Set(this.#loggers.values());
    const loggers = new Map<string, RequestLogger>();
    for (const { name, loggingConfig: config } of models) {
      if (config === undefined) continue;
      let logger = [...known, ...made].find((candidate) => isSameLoggingConfig(candidate.config, config));
      if (logger === undefined) {
        try {
          logger = this.#create(config);
        } catch (reason) {
          discard();
          throw ServingError.from(reason).prefixed(`Request logging of model ${name}: `);
        }
        made.push(logger);
      }
      loggers.set(name, logger);
    }
    return { commit: () => this.#replace(loggers), discard };
  }

  /** Nothing is logged from now on. Resolves when everything that was is where it belongs. May be called again. */
  async close(): Promise<void> {
    this.#replace(new Map());
    await Promise.all(this.#closings);
  }

  #replace(loggers: ReadonlyMap<string, RequestLogger>): void {
    const before = new Set(this.#loggers.values());
    this.#loggers = loggers;
    this.sampler = loggers.size > 0 ? this : undefined;
    for (const logger of loggers.values()) before.delete(logger);
    for (const logger of before) this.#retire(logger);
  }

  #retire(logger: RequestLogger): void {
    const closing = logger.close().finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
  }

  #create(config: LoggingConfig): RequestLogger {
    const { task, clock, onError, random = Math.random } = this.#options;
    const ownsCollector = config.logCollector === undefined;
    const collector = this.#collectorOf(config);
    return new RequestLogger({ config, collector, ownsCollector, task, clock, random, onError });
  }

  #collectorOf(config: LoggingConfig): LogCollector {
    const { logCollector: own, logCollectorConfig: named = { type: '' } } = config;
    if (typeof own === 'function') return { collect: (log) => own(log) as void | Promise<void> };
    return own ?? this.#options.collectors.create(named, this.#contextFor(config));
  }

  #contextFor(loggingConfig: LoggingConfig): LogCollectorContext {
    const { clock, onError } = this.#options;
    return {
      loggingConfig,
      clock,
      onError,
      onLost: (logs, error) => {
        if (!requestLogLossChannel.hasSubscribers) return;
        const { type = '', filenamePrefix = '' } = loggingConfig.logCollectorConfig ?? {};
        const event: RequestLogLossEvent = { type, filenamePrefix, logs, error };
        requestLogLossChannel.publish(event);
      },
    };
  }
}
