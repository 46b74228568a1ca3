import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

describe('the application with metrics, spans, health and a log', () => {
  let app;

  beforeAll(async () => {
    app = await startExample(beside(import.meta.url)('server.js'), [fixture('half_plus_two_tf2')]);
    const answer = await fetch(`${app.url}/v1/models/half_plus_two:predict`, {
      method: 'POST',
      body: '{"instances": [1, 2]}',
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    expect(await answer.json()).toEqual({ predictions: [2.5, 3] });
  });
  afterAll(() => app.kill());

  it("counts the request on prom-client's page", async () => {
    const response = await fetch(`${app.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const page = await response.text();
    expect(page).toContain(':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"} 1\n');
    expect(page).toContain(':serving:model_available{model_name="half_plus_two"} 1\n');
    expect(page).toMatch(/:tensorflow:serving:batching_session:wrapped_run_count 1\n/);
  });

  it('is live and ready', async () => {
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${app.url}/health/ready`)).json()).toMatchObject({ status: 'ready' });
    expect((await fetch(`${app.url}/health/ready/half_plus_two`)).status).toBe(200);
    expect((await fetch(`${app.url}/health/ready/nope`)).status).toBe(404);
  });

  it('exports spans and logs loads and requests', async () => {
    await app.seen("name: 'predict half_plus_two'");
    for (const stage of ['decode', 'run', 'encode']) expect(app.printed).toContain(`name: 'serving.${stage}'`);
    await app.seen('"message":"request answered"');
    expect(app.printed).toContain('"message":"model loaded","model":"half_plus_two"');
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'logger.js', 'tracing.js'], 'docs/guides/observability.md');
});
