/** What is counted of request logging. */
import type { RequestLogEvent, RequestLogLossEvent, ServingObserver } from '@serving/core/diagnostics';
import { LabelLimit, MAX_PATH_LENGTH } from './label-limit.js';
import { Counter, type Metric } from './metric.js';

export class RequestLogMetrics implements ServingObserver {
  readonly #models = new LabelLimit();
  readonly #prefixes = new LabelLimit(MAX_PATH_LENGTH);
  readonly #requestLogCount = new Counter({
    name: '/tensorflow/serving/request_log_count',
    help: 'Sampled requests by the outcome of their logs: RESOURCE_EXHAUSTED when they did not fit in memory.',
    labels: ['model_name', 'status_code'],
  });
  readonly #lossCount = new Counter({
    name: '/serving/request_log_loss_count',
    help: 'Logs of requests that were counted as OK and could not be written.',
    labels: ['filename_prefix', 'status_code'],
  });
  readonly metrics: readonly Metric[] = [this.#requestLogCount, this.#lossCount];

  onRequestLog({ servable, status }: RequestLogEvent): void {
    this.#requestLogCount.add(1, this.#models.of(servable.name), status);
  }

  onRequestLogLoss({ filenamePrefix, logs, error }: RequestLogLossEvent): void {
    this.#lossCount.add(logs, this.#prefixes.of(filenamePrefix), error.code);
  }
}
