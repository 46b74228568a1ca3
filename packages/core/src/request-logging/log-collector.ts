/** Where logs of requests go (TensorFlow Serving's `core/log_collector.h`). */
import type { PredictionLog } from './prediction-log.js';

/**
 * Takes logs, which it has to bound itself when they come faster than it gets rid of them. A logger calls `flush` when the last of
 * its models is gone and when the server closes, and then `close` on a collector that a factory has made for it.
 */
export interface LogCollector {
  /**
   * Called within the request, before it returns: it should do little. Tensors and examples may be the caller's
   * own memory, which changes afterwards: what is to be kept is copied or encoded before this returns, or gives its first promise.
   *
   * What it throws, or rejects with, is counted under its code and emitted once as an `error` event; the request is not affected.
   */
  collect(log: PredictionLog): void | Promise<void>;
  /** Resolves when everything collected by now is where it belongs, or lost. */
  flush?(): Promise<void>;
  /** Nothing is collected any more. Called once, after `flush`. */
  close?(): Promise<void>;
}
