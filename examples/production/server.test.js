import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const file = beside(import.meta.url)('server.js');

describe('the server for production', () => {
  let app;

  beforeAll(async () => {
    const env = { DRAIN_MS: '500', GRPC_PORT: '0', HOST: '127.0.0.1' };
    app = await startExample(file, [fixture('half_plus_two_tf2')], { env });
  });
  afterAll(() => app.kill());

  it('answers, and has health endpoints and metrics', async () => {
    const body = '{"instances": [1.0, 2.0, 5.0]}';
    const response = await fetch(`${app.url}/v1/models/half_plus_two:predict`, { method: 'POST', body });
    expect(await response.json()).toEqual({ predictions: [2.5, 3, 4.5] });
    expect((await fetch(`${app.url}/health/ready/half_plus_two`)).status).toBe(200);
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain(
      ':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"} 1',
    );
  });

  it('refuses bodies beyond its limit', async () => {
    const body = ' '.repeat(8 * 1024 ** 2 + 1);
    const response = await fetch(`${app.url}/v1/models/half_plus_two:predict`, { method: 'POST', body });
    expect(response.status).toBe(413);
  });

  it('after SIGTERM it is not ready, and then exits with code 0', async () => {
    const exit = app.terminate();
    while ((await fetch(`${app.url}/health/ready`)).status !== 503);
    expect(await exit).toEqual({ code: 0, signal: null });
  });

  it('does not start without its model', async () => {
    const env = { GRPC_PORT: '0', HOST: '127.0.0.1' };
    await expect(startExample(file, [beside(import.meta.url)('missing')], { env })).rejects.toThrow('"code":1');
  });

  itStandsWordForWord(import.meta.url, ['server.js'], 'docs/guides/run-in-production.md');
});
