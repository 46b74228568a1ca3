import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

describe('the app in two threads', () => {
  let app;

  beforeAll(async () => {
    const env = { DRAIN_MS: '100' };
    app = await startExample(beside(import.meta.url)('server.js'), [fixture('half_plus_two_tf2')], { env });
  });
  afterAll(() => app?.kill());

  it('answers from both', async () => {
    const threads = new Set();
    while (threads.size < 2) {
      const response = await fetch(`${app.url}/thread`, { headers: { connection: 'close' } });
      threads.add(await response.json());
    }
    const predict = { method: 'POST', body: '{"instances": [1.0, 2.0, 5.0]}', headers: { connection: 'close' } };
    for (let i = 0; i < 8; i++) {
      const answer = await fetch(`${app.url}/v1/models/half_plus_two:predict`, predict);
      expect(await answer.json()).toEqual({ predictions: [2.5, 3, 4.5] });
    }
  });

  it('exits with code 0 after SIGTERM', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'app.js'], 'docs/guides/deployment.md');
});
