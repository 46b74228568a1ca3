import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('an app with an extension of the REST API', () => {
  let app;

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('half_plus_two_tf2')]);
  });
  afterAll(() => app.kill());

  it('lists the models beside the API', async () => {
    const list = await fetch(`http://127.0.0.1:${app.port}/ml/v1/list`);
    expect(await list.json()).toEqual({ models: [{ name: 'half_plus_two', versions: [expect.any(String)] }] });
    const status = await fetch(`http://127.0.0.1:${app.port}/ml/v1/models/half_plus_two`);
    expect(status.status).toBe(200);
  });

  it('exits with code 0 after SIGTERM', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'model-list.js'], 'docs/reference/rest-api.md');
});
