import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe('the minimal Fastify app', () => {
  let app;
  let url;

  beforeAll(async () => {
    app = spawn(process.execPath, [path('./server.js'), path('../../packages/savedmodel/fixtures/half_plus_two_tf2')], {
      env: { ...process.env, PORT: '0' },
    });
    const [line] = await once(app.stdout.setEncoding('utf8'), 'data');
    url = `http://127.0.0.1:${/listening on (\d+)/.exec(line)[1]}`;
  });

  afterAll(async () => {
    if (app.exitCode !== null) return;
    app.kill();
    await once(app, 'exit');
  });

  it("answers TensorFlow Serving's REST request", async () => {
    const request = { method: 'POST', body: '{"instances": [1.0, 2.0, 5.0]}' };
    const response = await fetch(`${url}/v1/models/half_plus_two:predict`, request);
    expect(await response.json()).toEqual({ predictions: [2.5, 3, 4.5] });
  });

  it('answers a route of its own from the same model, in process', async () => {
    expect(await (await fetch(`${url}/half-plus-two?x=5`)).json()).toEqual({ y: 4.5 });
  });

  it('exits with code 0 after SIGTERM', async () => {
    app.kill('SIGTERM');
    const [code, signal] = await once(app, 'exit');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  it('stands word for word in docs/getting-started.md', () => {
    const source = readFileSync(path('./server.js'), 'utf8');
    expect(readFileSync(path('../../docs/getting-started.md'), 'utf8')).toContain(source);
  });
});
