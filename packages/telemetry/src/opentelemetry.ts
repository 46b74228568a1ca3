/**
 * Spans and metrics on OpenTelemetry's API, which does nothing until the application installs an SDK: {@link traceServing}, {@link meterServing}.
 *
 * @module @serving/telemetry/opentelemetry
 */
export { type MeterServingOptions, meterServing } from './opentelemetry/meter-serving.js';
export { type TraceServingOptions, traceServing } from './opentelemetry/trace-serving.js';
