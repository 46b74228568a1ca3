/** Options of the REST API, whatever it is mounted in. */
import { ServingError } from '@serving/core';
import type { Clock, ExtensionModule, PredictBodyFormat } from '@serving/core/extend';
import { checkModelServer, checkOptionNames, type OptionNames } from '@serving/core/internal';
import type { MetricsPage } from '../operations/metrics-page.js';

/** Milliseconds that a run may take by default. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Four times what a body may have by default. */
export const DEFAULT_MAX_RESPONSE_BYTES: number = 256 * 1024 * 1024;

/** What every adapter, handler and server of the REST API can be told. All have defaults. */
export interface HttpRestApiOptions {
  /** Milliseconds that a run may take before its request is answered with 504; `false` for no limit. Default: 30,000. */
  readonly timeoutMs?: number | false;
  /** Bytes that a request body may have before the request is answered with 413. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Bytes that the body of an answer may have before its request is answered with 400 instead. JSON is counted while it is
   * written. Default 256 MiB.
   */
  readonly maxResponseBytes?: number;
  /** Whether answers allow pages of any origin to read them (`Access-Control-Allow-Origin: *`). Default false. */
  readonly enableCorsSupport?: boolean;
  /**
   * Path of the page for Prometheus. Default: `/monitoring/prometheus/metrics` when there are `metrics`, else no such page.
   */
  readonly prometheusPath?: string;
  /** What the page shows, such as `servingMetrics()` of `@serving/telemetry`. Default: how many requests this API has answered. */
  readonly metrics?: MetricsPage;
  /**
   * Such as `/health`: there are `/health/live`, `/health/ready` and `/health/ready/MODEL` then. TensorFlow Serving has none of them.
   * Default: not there.
   */
  readonly healthPath?: string;
  /**
   * Whether predict bodies may have other forms than JSON, by their content type: one `.npy` file (`application/x-npy`), one raw
   * tensor (`application/octet-stream` with `Serving-Shape`), and those of `formats`. Default true; otherwise every body is JSON, as
   * in TensorFlow Serving.
   */
  readonly binaryFormats?: boolean;
  /** Further forms of predict bodies, such as `protobufPredictFormat` of `@serving/protos/messages`. Default none. */
  readonly formats?: readonly PredictBodyFormat[];
  /**
   * Modules that answer further targets below the same mount point, each with a function `createHttpExtension`
   * (see `HttpExtension` of `@serving/http/adapter`). The API's own routes win. Default none.
   */
  readonly extensions?: readonly ExtensionModule[];
  /** Where time comes from; the model server's own, when it was given one. Default: the machine's. */
  readonly clock?: Clock;
}

const restApiOptions: OptionNames<HttpRestApiOptions> = {
  timeoutMs: true,
  maxBodyBytes: true,
  maxResponseBytes: true,
  enableCorsSupport: true,
  prometheusPath: true,
  metrics: true,
  healthPath: true,
  binaryFormats: true,
  formats: true,
  extensions: true,
  clock: true,
};

/**
 * Checks what a handler or server of the REST API is made with, which may have `more` options.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a server that is none, unknown options and a `timeoutMs` that is not over 0.
 */
export function checkRestApi<T extends HttpRestApiOptions>(
  server: unknown,
  options: T,
  more: OptionNames<Omit<T, keyof HttpRestApiOptions>>,
): void {
  checkModelServer(server, 'The REST API');
  checkOptionNames(options, Object.keys({ ...restApiOptions, ...more }), 'the REST API');
  const { timeoutMs = false } = options;
  if (timeoutMs === false || timeoutMs > 0) return;
  throw new ServingError(
    'INVALID_ARGUMENT',
    `timeoutMs must be a number over 0, or false for no limit (got ${timeoutMs})`,
  );
}
