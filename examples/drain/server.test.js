import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

describe('the app that drains', () => {
  let app;

  const predict = () =>
    fetch(`${app.url}/v1/models/half_plus_two:predict`, { method: 'POST', body: '{"instances": [1.0, 2.0, 5.0]}' });
  const readiness = async () => (await fetch(`${app.url}/health/ready`)).status;

  beforeAll(async () => {
    const env = { DRAIN_MS: '1000' };
    app = await startExample(beside(import.meta.url)('server.js'), [fixture('half_plus_two_tf2')], { env });
    await app.seen('ready');
  });
  afterAll(() => app.kill());

  it('is ready when its models are', async () => {
    expect(await readiness()).toBe(200);
    expect(await (await predict()).json()).toEqual({ predictions: [2.5, 3, 4.5] });
  });

  it('after SIGTERM it is not ready, alive, answers still, and then exits with code 0', async () => {
    const exit = app.terminate();
    while ((await readiness()) !== 503);
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    expect((await predict()).status).toBe(200);
    expect(await exit).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js'], 'docs/guides/deployment.md');
});
