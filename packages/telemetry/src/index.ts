/**
 * Metrics with TensorFlow Serving's names ({@link servingMetrics}) and a log ({@link attachLogger}). Bridges to other systems are
 * sub-paths.
 *
 * @module @serving/telemetry
 */
export type { Logger } from '@serving/core/extend';
export { type AttachLoggerOptions, attachLogger } from './log-server.js';
export type { Metric, Sample } from './metrics/metric.js';
export type { WatchedServer } from './metrics/model-metrics.js';
export { type ServingMetrics, type ServingMetricsOptions, servingMetrics } from './serving-metrics.js';
