/**
 * `@serving/telemetry`: Prometheus' page with TensorFlow Serving's metrics, and logs. Bridges to other systems are sub-paths.
 *
 * @module @serving/telemetry
 */
export { type Logger, type LogServerOptions, logServer, modelServerLog } from './log-server.js';
export type { Metric, Sample } from './metrics/metric.js';
export { type ServingMetrics, type ServingMetricsOptions, servingMetrics } from './serving-metrics.js';
