import { Counter, Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { predict, startServer } from './fake-server.test-support.js';
import { registerServingMetrics } from './prom-client.js';
import { servingMetrics } from './serving-metrics.js';

function setup() {
  const metrics = servingMetrics();
  onTestFinished(() => metrics.close());
  const registry = new Registry();
  return { metrics, registry };
}

describe('registerServingMetrics', () => {
  it("shows the metrics on the registry's page beside the application's own", async () => {
    const { metrics, registry } = setup();
    new Counter({ name: 'own', help: 'Own.', registers: [registry] }).inc();
    registerServingMetrics(registry, metrics);
    const server = await startServer();
    await predict(server, [1]);
    const page = await registry.metrics();
    expect(page).toContain('own 1\n');
    expect(page).toContain('# TYPE :tensorflow:serving:request_count counter\n');
    expect(page).toContain(':tensorflow:serving:request_count{model_name="good",status="OK"} 1\n');
    const labels = 'model_name="good",API="Predict",entrypoint="IN_PROCESS"';
    expect(page).toContain(`:tensorflow:serving:request_latency_count{${labels}} 1\n`);
    expect(page).toContain(`:tensorflow:serving:request_latency_bucket{${labels},le="+Inf"} 1\n`);
  });

  it('gives values that clusters can be summed by, and forgets them on resetMetrics', async () => {
    const { metrics, registry } = setup();
    registerServingMetrics(registry, metrics);
    await predict(await startServer(), [1]);
    const summed = Registry.merge([registry]);
    const [count] = (await summed.getMetricsAsJSON()).filter(
      ({ name }) => name === ':tensorflow:serving:request_count',
    );
    expect(count).toMatchObject({ type: 'counter', aggregator: 'sum', values: [{ value: 1 }] });
    registry.resetMetrics();
    expect(metrics.read('/tensorflow/serving/request_count')).toBeUndefined();
  });

  it('takes them out again, and registers all or none', async () => {
    const { metrics, registry } = setup();
    const remove = registerServingMetrics(registry, metrics);
    remove();
    expect(await registry.metrics()).toBe('\n');
    new Counter({ name: ':tensorflow:core:graph_runs', help: 'Taken.', registers: [registry] });
    expect(() => registerServingMetrics(registry, metrics)).toThrow(/already been registered/);
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });
});
