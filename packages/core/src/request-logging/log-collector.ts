/** Where logs of requests go (TensorFlow Serving's `core/log_collector.h`). */
import type { Clock } from '../clock.js';
import type { ServingError } from '../serving-error.js';
import type { LogCollectorConfig, LoggingConfig } from './logging-config.js';
import type { PredictionLog } from './prediction-log.js';

/**
 * Takes logs, which it has to bound itself when they come faster than it gets rid of them. A logger calls `flush` when the last of
 * its models is gone and when the server closes, and then `close` on a collector that a factory has made for it.
 */
export interface LogCollector {
  /**
   * Called in the course of the request, before its caller goes on: it should do little. Tensors and examples may be the caller's
   * own memory, which changes afterwards: what is to be kept is copied or encoded before this returns, or gives its first promise.
   *
   * What it throws, or rejects with, is counted under its code and told as an `error` event, the first time; the request doesn't notice.
   */
  collect(log: PredictionLog): void | Promise<void>;
  /** Resolves when everything collected by now is where it belongs, or lost. */
  flush?(): Promise<void>;
  /** Nothing is collected any more. Called once, after `flush`. */
  close?(): Promise<void>;
}

/** What a collector is told that a factory makes. */
export interface LogCollectorContext {
  readonly loggingConfig: LoggingConfig;
  /** The server's. */
  readonly clock: Clock;
  /** To be told of logs that were collected and are lost since: they are counted. */
  readonly onLost: (logs: number, error: ServingError) => void;
  /** Tells of an error as an `error` event of the server. */
  readonly onError: (error: ServingError) => void;
}

/** Makes a collector, for one logger. Nothing should be opened before the first log; what it throws refuses the configuration. */
export type LogCollectorFactory = (config: LogCollectorConfig, context: LogCollectorContext) => LogCollector;
