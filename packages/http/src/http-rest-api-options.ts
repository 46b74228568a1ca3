/** Options of the REST API, whatever it is mounted in. */
import type { Clock } from '@serving/core';

export interface HttpRestApiOptions {
  /** Milliseconds that a run may take before its request is answered with 504. 0 or less: no limit. Default 30000. */
  readonly timeoutMs?: number;
  /** Bytes that a request body may have before the request is answered with 413. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /** Whether answers allow pages of any origin to read them (`Access-Control-Allow-Origin: *`). Default false. */
  readonly enableCorsSupport?: boolean;
  /** Path of the page with request counts for Prometheus, such as `/monitoring/prometheus/metrics`. Default: no such page. */
  readonly prometheusPath?: string;
  /** Where time comes from; the model server's own, when it was given one. Default: the machine's. */
  readonly clock?: Clock;
}
