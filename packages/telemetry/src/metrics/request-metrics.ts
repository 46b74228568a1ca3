/** What is counted of requests: TensorFlow Serving's `request_count` and latencies, and the time of each stage. */
import type { RequestStageEvent, RequestTrace, ServingObserver } from '@serving/core/diagnostics';
import { LabelLimit } from './label-limit.js';
import { Counter, exponentialLimits, Gauge, Histogram, type Metric } from './metric.js';

/** Limits of TensorFlow Serving's latencies, in microseconds. */
const LATENCY_LIMITS = exponentialLimits(10, 1.8, 33);

export class RequestMetrics implements ServingObserver {
  readonly #models = new LabelLimit();
  readonly #inFlight = new Map<string, number>();
  readonly #requestCount = new Counter({
    name: '/tensorflow/serving/request_count',
    help: 'Requests by model and status.',
    labels: ['model_name', 'status'],
  });
  readonly #requestLatency = new Histogram(
    {
      name: '/tensorflow/serving/request_latency',
      help: 'Microseconds from a request to its answer, of those that succeeded.',
      labels: ['model_name', 'API', 'entrypoint'],
    },
    LATENCY_LIMITS,
  );
  readonly #runtimeLatency = new Histogram(
    {
      name: '/tensorflow/serving/runtime_latency',
      help: 'Microseconds that the model ran for a request.',
      labels: ['model_name', 'API', 'runtime'],
    },
    LATENCY_LIMITS,
  );
  readonly #stageLatency = new Histogram(
    {
      name: '/serving/stage_latency',
      help: 'Microseconds that requests spent in a stage: decode, queue, run, encode.',
      labels: ['model_name', 'entrypoint', 'stage'],
    },
    LATENCY_LIMITS,
  );
  readonly #exampleCounts = new Histogram(
    {
      name: '/tensorflow/serving/request_example_counts',
      help: 'Examples of MultiInference requests.',
      labels: ['model'],
    },
    exponentialLimits(1, 2, 15),
  );
  readonly #exampleCountTotal = new Counter({
    name: '/tensorflow/serving/request_example_count_total',
    help: 'Examples of all MultiInference requests.',
    labels: ['model'],
  });
  readonly #requestsInFlight = new Gauge(
    { name: '/serving/requests_in_flight', help: 'Requests that are not answered yet.', labels: ['entrypoint'] },
    () => Array.from(this.#inFlight, ([entrypoint, count]) => [[entrypoint], count] as const),
    'sum',
  );
  readonly metrics: readonly Metric[] = [
    this.#requestCount,
    this.#requestLatency,
    this.#runtimeLatency,
    this.#stageLatency,
    this.#exampleCounts,
    this.#exampleCountTotal,
    this.#requestsInFlight,
  ];

  onRequest({ entrypoint }: RequestTrace): void {
    this.#inFlight.set(entrypoint, (this.#inFlight.get(entrypoint) ?? 0) + 1);
  }

  onStage({ request, stage, startTime, endTime, error }: RequestStageEvent): void {
    const model = this.#models.of(request.model);
    const micros = (endTime - startTime) * 1000;
    this.#stageLatency.record(micros, model, request.entrypoint, stage);
    if (stage !== 'run' || error) return;
    this.#runtimeLatency.record(micros, model, request.api, 'TF1');
  }

  onResponse(request: RequestTrace): void {
    const { entrypoint, status, startTime, endTime } = request;
    this.#inFlight.set(entrypoint, (this.#inFlight.get(entrypoint) ?? 1) - 1);
    this.#countExamples(request);
    if (!isCounted(request) || status === undefined || endTime === undefined) return;
    const model = this.#models.of(request.model);
    this.#requestCount.add(1, model, status);
    if (status === 'OK') {
      this.#requestLatency.record((endTime - startTime) * 1000, model, apiLabel(request), entrypoint);
    }
  }

  #countExamples({ exampleCount, model, status }: RequestTrace): void {
    if (exampleCount === undefined || status !== 'OK') return;
    const label = this.#models.of(model);
    this.#exampleCounts.record(exampleCount, label);
    this.#exampleCountTotal.add(exampleCount, label);
  }
}

const runApis: ReadonlySet<string> = new Set(['Predict', 'Classify', 'Regress']);

/** Over gRPC TensorFlow Serving counts its three oldest methods only, over REST everything. */
function isCounted({ entrypoint, api }: RequestTrace): boolean {
  return entrypoint !== 'GRPC' || runApis.has(api);
}

/** REST's is the verb of the URL, and empty where there is none. */
function apiLabel({ entrypoint, api }: RequestTrace): string {
  if (entrypoint !== 'REST') return api;
  return runApis.has(api) ? api.toLowerCase() : '';
}
