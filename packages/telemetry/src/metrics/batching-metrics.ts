/** What is counted of batches: TensorFlow Serving's `batching_session` metrics, and what was refused. */
import type {
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  ServingObserver,
} from '@serving/core/diagnostics';
import { LabelLimit } from './label-limit.js';
import { Counter, exponentialLimits, Histogram, type Metric } from './metric.js';

const PREFIX = '/tensorflow/serving/batching_session/';
const SIZE_LIMITS = exponentialLimits(1, 2, 14);

export class BatchingMetrics implements ServingObserver {
  readonly #models = new LabelLimit();
  readonly #queuingLatency = new Histogram(
    {
      name: `${PREFIX}queuing_latency`,
      help: 'Microseconds that requests waited for their batch.',
      labels: ['thread_pool_name'],
    },
    exponentialLimits(100, 1.2, 52),
  );
  readonly #wrappedRunCount = new Counter({
    name: `${PREFIX}wrapped_run_count`,
    help: 'Batches that ran.',
    labels: [],
  });
  readonly #paddingSize = new Histogram(
    {
      name: `${PREFIX}padding_size`,
      help: 'Rows added to batches, by the size to which they were padded.',
      labels: ['execution_batch_size'],
    },
    SIZE_LIMITS,
  );
  readonly #inputBatchSize = new Histogram(
    { name: `${PREFIX}input_batch_size`, help: 'Rows of requests, once per input.', labels: [] },
    SIZE_LIMITS,
  );
  readonly #processedBatchSize = new Histogram(
    { name: `${PREFIX}processed_batch_size`, help: 'Rows of batches, padding included.', labels: [] },
    SIZE_LIMITS,
  );
  readonly #batchSize = new Histogram(
    { name: '/serving/batch_size', help: 'Rows of batches by model, without padding.', labels: ['model_name'] },
    SIZE_LIMITS,
  );
  readonly #batchTasks = new Histogram(
    { name: '/serving/batch_requests', help: 'Requests that ran together, by model.', labels: ['model_name'] },
    SIZE_LIMITS,
  );
  readonly #rerunCount = new Counter({
    name: '/serving/batch_rerun_count',
    help: 'Parts of failed batches that ran again, by model.',
    labels: ['model_name'],
  });
  readonly #rejectionCount = new Counter({
    name: '/serving/batching_rejection_count',
    help: 'Requests that the queue refused, that were given up in it or in their batch, or whose failed batch was not run again.',
    labels: ['model_name', 'reason'],
  });
  readonly metrics: readonly Metric[] = [
    this.#queuingLatency,
    this.#wrappedRunCount,
    this.#paddingSize,
    this.#inputBatchSize,
    this.#processedBatchSize,
    this.#batchSize,
    this.#batchTasks,
    this.#rerunCount,
    this.#rejectionCount,
  ];

  onBatchingRequest({ size, inputs }: BatchingRequestEvent): void {
    for (let i = 0; i < inputs; i++) this.#inputBatchSize.record(size);
  }

  onBatchingQueue({ source, queueMs }: BatchingQueueEvent): void {
    this.#queuingLatency.record(queueMs * 1000, source.threadPoolName);
  }

  onBatchingRun({ source, tasks, size, padding, isRerun }: BatchingRunEvent): void {
    const model = this.#models.of(source.servable.name);
    this.#wrappedRunCount.add(1);
    this.#paddingSize.record(padding, String(size + padding));
    this.#processedBatchSize.record(size + padding);
    this.#batchSize.record(size, model);
    this.#batchTasks.record(tasks, model);
    if (isRerun) this.#rerunCount.add(1, model);
  }

  onBatchingRejection({ source, reason }: BatchingRejectionEvent): void {
    this.#rejectionCount.add(1, this.#models.of(source.servable.name), reason);
  }
}
