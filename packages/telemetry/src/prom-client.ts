/**
 * The metrics in the application's own registry of prom-client: {@link registerServingMetrics}.
 *
 * @module @serving/telemetry/prom-client
 */
import type { Metric, Sample } from './metrics/metric.js';
import { prometheusName } from './metrics/prometheus-text.js';
import type { ServingMetrics } from './serving-metrics.js';

/** The part of a registry that is needed; `prom-client`'s, and its successor's. */
export interface PromRegistry {
  /** Takes a metric with a name that is new to the registry, and throws for any other. */
  registerMetric(metric: never): void;
  /** Removes the metric with this name, if there is one. */
  removeSingleMetric(name: string): void;
}

/**
 * Puts every metric into the registry, under the names of TensorFlow Serving's page (`:tensorflow:serving:request_count`), until the returned
 * function is called. They are counted once, whatever reads them; the registry's `resetMetrics` forgets what was counted.
 *
 * @example
 * ```ts
 * import { register } from 'prom-client';
 * const metrics = servingMetrics();
 * registerServingMetrics(register, metrics);
 * app.get('/metrics', async (_, response) => response.type(register.contentType).send(await register.metrics()));
 * ```
 * @throws Error of the registry when it has a metric of such a name already; none of them is registered then.
 */
export function registerServingMetrics(registry: PromRegistry, { list }: Pick<ServingMetrics, 'list'>): () => void {
  const registered: string[] = [];
  const remove = (): void => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name);
  };
  try {
    for (const metric of list) {
      const bridged = new BridgedMetric(metric);
      registry.registerMetric(bridged as never);
      registered.push(bridged.name);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

/** What a registry calls of a metric. */
class BridgedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: 'sum' | 'max';
  readonly #metric: Metric;

  constructor(metric: Metric) {
    this.#metric = metric;
    this.name = prometheusName(metric.name);
    this.help = metric.help;
    this.type = metric.kind;
    this.aggregator = metric.aggregator;
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values = this.#metric.samples().map((sample) => toValue(name, sample));
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    this.#metric.reset();
  }
}

function toValue(name: string, { suffix, labels, value }: Sample): object {
  const entries = Object.entries(labels).map(([label, of]) => [label, of === Number.POSITIVE_INFINITY ? '+Inf' : of]);
  return { labels: Object.fromEntries(entries), value, ...(suffix && { metricName: name + suffix }) };
}
