import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe('the app that drains', () => {
  let app;
  let url;
  let printed = '';

  const seen = async (text) => {
    while (!printed.includes(text)) await once(app.stdout, 'data');
  };
  const predict = () =>
    fetch(`${url}/v1/models/half_plus_two:predict`, { method: 'POST', body: '{"instances": [1.0, 2.0, 5.0]}' });
  const readiness = async () => (await fetch(`${url}/health/ready`)).status;

  beforeAll(async () => {
    app = spawn(process.execPath, [path('./server.js'), path('../../packages/savedmodel/fixtures/half_plus_two_tf2')], {
      env: { ...process.env, PORT: '0', DRAIN_MS: '1000' },
    });
    app.stdout.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
    });
    await seen('listening on');
    url = `http://127.0.0.1:${/listening on (\d+)/.exec(printed)[1]}`;
    await seen('ready');
  });

  afterAll(async () => {
    if (app.exitCode !== null) return;
    app.kill('SIGKILL');
    await once(app, 'exit');
  });

  it('is ready when its models are', async () => {
    expect(await readiness()).toBe(200);
    expect(await (await predict()).json()).toEqual({ predictions: [2.5, 3, 4.5] });
  });

  it('after SIGTERM it is not ready, alive, answers still, and then exits with code 0', async () => {
    const exit = once(app, 'exit');
    app.kill('SIGTERM');
    while ((await readiness()) !== 503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await predict()).status).toBe(200);
    expect(await exit).toEqual([0, null]);
  });

  it('stands word for word in docs/deployment.md', () => {
    expect(readFileSync(path('../../docs/deployment.md'), 'utf8')).toContain(readFileSync(path('./server.js'), 'utf8'));
  });
});
