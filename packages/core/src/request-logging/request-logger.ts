/** Logs the requests of the models that share a logging configuration (TensorFlow Serving's `core/request_logger.cc`). */
import type { Clock } from '../clock.js';
import { requestLogChannel } from '../diagnostics/channels.js';
import type { RequestLogEvent } from '../diagnostics/events.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';
import type { LogCollector } from './log-collector.js';
import type { LoggingConfig, ServerTask } from './logging-config.js';
import type { LoggedRequest, LogMetadata, PredictionLog } from './prediction-log.js';
import { isSampled, samplingRateOf } from './sampling.js';

export interface RequestLoggerOptions {
  readonly config: LoggingConfig;
  readonly collector: LogCollector;
  /** Whether the collector is closed with the logger. */
  readonly ownsCollector: boolean;
  readonly task: ServerTask;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: ServingError) => void;
}

/** Counts logs that could not be collected by code, and reports each code once. */
export class RequestLogger {
  readonly config: LoggingConfig;
  readonly #options: RequestLoggerOptions;
  readonly #samplingConfig: LogMetadata['samplingConfig'];
  readonly #underWay = new Set<Promise<void>>();
  readonly #toldCodes = new Set<string>();

  constructor(options: RequestLoggerOptions) {
    const { config, task } = options;
    this.config = config;
    this.#options = options;
    this.#samplingConfig = {
      samplingRate: samplingRateOf(config.samplingConfig, task),
      attributes: config.samplingConfig.attributes ?? 0,
    };
  }

  /** The share of requests that is logged. */
  get samplingRate(): number {
    return this.#samplingConfig.samplingRate;
  }

  /** Draws for one request. */
  isSampled(): boolean {
    return isSampled(this.#samplingConfig.samplingRate, this.#options.random);
  }

  /** Collects a request that is sampled. Doesn't throw. */
  log({ id, servable }: ServableHandle<InferenceServable>, logged: LoggedRequest, signatureName?: string): void {
    const { collector, clock, task } = this.#options;
    const logMetadata: LogMetadata = {
      modelSpec: { name: id.name, version: id.version, ...(signatureName !== undefined && { signatureName }) },
      samplingConfig: this.#samplingConfig,
      savedModelTags: servable.savedModelTags ?? [],
      timestampSecs: Math.floor(clock.wallTime() / 1000),
      ...(task.dc && { dc: task.dc }),
    };
    const log: PredictionLog = { ...logged, logMetadata };
    let collected: unknown;
    try {
      collected = collector.collect(log);
    } catch (reason) {
      this.#failed(id, logged, reason);
      return;
    }
    if (isThenable(collected)) this.#await(id, log, collected);
    else this.#count({ servable: id, api: log.api, status: 'OK', log });
  }

  /** Resolves when what was collected is where it belongs; the collector is closed then, if it is the logger's own. */
  async close(): Promise<void> {
    const { collector, ownsCollector, onError } = this.#options;
    await Promise.all(this.#underWay);
    try {
      await collector.flush?.();
      if (ownsCollector) await collector.close?.();
    } catch (reason) {
      onError(ServingError.from(reason).prefixed('A log collector failed to close: '));
    }
  }

  #await(id: ServableId, log: PredictionLog, collected: PromiseLike<unknown>): void {
    const settled = Promise.resolve(collected)
      .then(
        () => this.#count({ servable: id, api: log.api, status: 'OK', log }),
        (reason: unknown) => this.#failed(id, log, reason),
      )
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  #failed(id: ServableId, { api }: LoggedRequest, reason: unknown): void {
    const error = ServingError.from(reason);
    this.#count({ servable: id, api, status: error.code, error });
    if (this.#toldCodes.has(error.code)) return;
    this.#toldCodes.add(error.code);
    this.#options.onError(
      error.prefixed(`A ${api} request to model ${id.name} version ${id.version} was not logged: `),
    );
  }

  #count(event: RequestLogEvent): void {
    if (requestLogChannel.hasSubscribers) requestLogChannel.publish(event);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}
