/** Everything that is measured, under TensorFlow Serving's names, as the page that Prometheus reads. */
import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import { BatchingMetrics } from './metrics/batching-metrics.js';
import { eventLoopMetrics } from './metrics/event-loop.js';
import type { Metric } from './metrics/metric.js';
import { ModelMetrics, type WatchedServer } from './metrics/model-metrics.js';
import { prometheusText } from './metrics/prometheus-text.js';
import { RequestLogMetrics } from './metrics/request-log-metrics.js';
import { RequestMetrics } from './metrics/request-metrics.js';

/** What is counted. */
export interface ServingMetricsOptions {
  /** Whether the event loop's delay and utilization are measured, with a timer every 10 ms. Default true. */
  readonly eventLoop?: boolean;
  /** Which requests count. Default: all of the process, whichever model server they are for. */
  readonly filter?: (request: RequestTrace) => boolean;
}

/** The options by name. */
export const servingMetricsOptions: OptionsTable<ServingMetricsOptions> = {
  eventLoop: {
    ...optionKinds.boolean,
    default: true,
    meaning: "whether the event loop's delay and utilization are measured, with a timer every 10 ms",
  },
  filter: {
    ...optionKinds.callback,
    default: 'all of the process',
    meaning: 'which requests count',
  },
};

/** Counts until it is closed. */
export interface ServingMetrics extends Disposable {
  /** The page, as TensorFlow Serving writes it: microseconds, metrics by name. */
  metrics(): string;
  readonly contentType: 'text/plain';
  /** The value of a counter by TensorFlow's name (`/tensorflow/serving/request_count`), of its first cell, a whole number; `undefined` for any other. */
  read(name: string): number | undefined;
  /** Each metric, for bridges to other systems. */
  readonly list: readonly Metric[];
  /** Counts no more. What was counted can still be read. */
  close(): void;
}

/**
 * Counts requests, batches, loads and runs of the process from now on, and shows the state of each model of the servers that start from
 * now on. Called before the first server starts, it counts the first loads too.
 *
 * @example
 * ```ts
 * const metrics = servingMetrics();
 * const server = await ModelServer.start(options);
 * app.use(servingRouter(server, { metrics })); // GET /monitoring/prometheus/metrics
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function servingMetrics(options?: ServingMetricsOptions): ServingMetrics;
/** As above, with the models of a server that has started already. */
export function servingMetrics(server: WatchedServer, options?: ServingMetricsOptions): ServingMetrics;
export function servingMetrics(
  first: WatchedServer | ServingMetricsOptions = {},
  second?: ServingMetricsOptions,
): ServingMetrics {
  const isServer = 'getModelStatus' in first;
  const options = (isServer ? second : first) ?? {};
  checkOptions(options, servingMetricsOptions, 'servingMetrics()');
  const { eventLoop = true, filter } = options;
  const requests = new RequestMetrics();
  const models = new ModelMetrics();
  if (isServer) models.watch(first);
  const batching = new BatchingMetrics();
  const requestLogs = new RequestLogMetrics();
  const loop = eventLoop ? eventLoopMetrics() : undefined;
  const wanted = (request: RequestTrace): boolean => filter === undefined || filter(request);
  const stop = observeServing({
    onServer: ({ server }) => models.watch(server),
    onRequest: (request) => {
      if (wanted(request)) requests.onRequest(request);
    },
    onStage: (event) => {
      if (!wanted(event.request)) return;
      requests.onStage(event);
      models.onStage(event);
    },
    onBatch: (event) => {
      if (event.requests.some(wanted)) models.onBatch(event);
    },
    onResponse: (request) => {
      if (wanted(request)) requests.onResponse(request);
    },
    onBatchingRequest: (event) => batching.onBatchingRequest(event),
    onBatchingQueue: (event) => batching.onBatchingQueue(event),
    onBatchingRun: (event) => batching.onBatchingRun(event),
    onBatchingRejection: (event) => batching.onBatchingRejection(event),
    onLoad: (event) => models.onLoad(event),
    onWarmup: (event) => models.onWarmup(event),
    onModelProcess: (event) => models.onModelProcess(event),
    onRequestLog: (event) => requestLogs.onRequestLog(event),
    onRequestLogLoss: (event) => requestLogs.onRequestLogLoss(event),
  });
  const metrics = [
    ...requests.metrics,
    ...batching.metrics,
    ...models.metrics,
    ...requestLogs.metrics,
    ...(loop?.metrics ?? []),
  ];
  const close = (): void => {
    stop();
    loop?.close();
  };
  return {
    metrics: () => prometheusText(metrics),
    contentType: 'text/plain',
    read: (name) => {
      const metric = metrics.find((candidate) => candidate.name === name && candidate.kind === 'counter');
      return metric?.samples()[0]?.value;
    },
    list: metrics,
    close,
    [Symbol.dispose]: close,
  };
}
