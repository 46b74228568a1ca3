/** What the page for Prometheus shows, where somebody other than the REST API counts. */

/**
 * `servingMetrics()` of `@serving/telemetry` is one. So is a registry of `prom-client`:
 * `{ page: () => register.metrics(), contentType: register.contentType }`.
 */
export interface MetricsPage {
  /** The page, in Prometheus' text format. Asked at each look. */
  page(): string | Promise<string>;
  /** Default `text/plain`. */
  readonly contentType?: string;
}

/** Where TensorFlow Serving has the page. */
export const DEFAULT_PROMETHEUS_PATH = '/monitoring/prometheus/metrics';
