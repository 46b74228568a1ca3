import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('an app with the console', () => {
  let app;
  let url;

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('half_plus_two_tf2')]);
    url = `http://127.0.0.1:${app.port}/ml`;
  });
  afterAll(() => app.kill());

  it('has it below the prefix, with addresses relative to it', async () => {
    const moved = await fetch(`${url}/console`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'console/']);
    const snapshot = await (await fetch(`${url}/console/api/snapshot`)).json();
    expect(snapshot.models).toMatchObject([{ name: 'half_plus_two', versions: [{ state: 'AVAILABLE' }] }]);
    const v1 = new URL(snapshot.server.apis.v1, `${url}/console/`);
    expect((await fetch(`${v1}/models/half_plus_two`)).status).toBe(200);
  });

  it('is read-only', async () => {
    const body = JSON.stringify({ model: 'half_plus_two' });
    const headers = { 'content-type': 'application/json' };
    const refused = await fetch(`${url}/console/api/actions/unload`, { method: 'POST', body, headers });
    expect(refused.status).toBe(403);
  });

  it('exits with code 0 after SIGTERM, also while a page listens to events', async () => {
    const events = await fetch(`${url}/console/api/events`);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    await events.text();
  });

  itStandsWordForWord(import.meta.url, ['server.js'], 'docs/guides/console.md');
});
