import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe('the application with metrics, spans, health and a log', () => {
  let app;
  let url;
  let printed = '';

  /** Resolves when it has been printed. */
  const seen = async (text) => {
    while (!printed.includes(text)) await once(app.stdout, 'data');
  };

  beforeAll(async () => {
    app = spawn(process.execPath, [path('./server.js'), path('../../packages/savedmodel/fixtures/half_plus_two_tf2')], {
      env: { ...process.env, PORT: '0' },
    });
    app.stdout.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
    });
    await seen('listening on');
    url = `http://127.0.0.1:${/listening on (\d+)/.exec(printed)[1]}`;
    const answer = await fetch(`${url}/v1/models/half_plus_two:predict`, {
      method: 'POST',
      body: '{"instances": [1, 2]}',
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    expect(await answer.json()).toEqual({ predictions: [2.5, 3] });
  });

  afterAll(async () => {
    if (app.exitCode !== null) return;
    app.kill();
    await once(app, 'exit');
  });

  it("counts the request on prom-client's page", async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const page = await response.text();
    expect(page).toContain(':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"} 1\n');
    expect(page).toContain(':serving:model_available{model_name="half_plus_two"} 1\n');
    expect(page).toMatch(/:tensorflow:serving:batching_session:wrapped_run_count 1\n/);
  });

  it('is live and ready', async () => {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ready' });
    expect((await fetch(`${url}/health/ready/half_plus_two`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready/nope`)).status).toBe(404);
  });

  it('exports spans and logs loads and requests', async () => {
    await seen("name: 'predict half_plus_two'");
    for (const stage of ['decode', 'run', 'encode']) expect(printed).toContain(`name: 'serving.${stage}'`);
    await seen('"message":"request answered"');
    expect(printed).toContain('"message":"model version is available","model":"half_plus_two"');
  });

  it.each(['server.js', 'logger.js', 'tracing.js'])('has %s word for word in docs/observability.md', (file) => {
    expect(readFileSync(path('../../docs/observability.md'), 'utf8')).toContain(
      readFileSync(path(`./${file}`), 'utf8'),
    );
  });
});
