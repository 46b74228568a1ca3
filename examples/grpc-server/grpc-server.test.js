import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe('the gRPC server', () => {
  let app;
  let address;

  beforeAll(async () => {
    app = spawn(process.execPath, [path('./server.js'), path('../../packages/savedmodel/fixtures/half_plus_two_tf2')], {
      env: { ...process.env, PORT: '0' },
    });
    const [line] = await once(app.stdout.setEncoding('utf8'), 'data');
    address = `127.0.0.1:${/listening on (\d+)/.exec(line)[1]}`;
  });

  afterAll(async () => {
    if (app.exitCode !== null) return;
    app.kill();
    await once(app, 'exit');
  });

  it('answers the client', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [path('./client.js'), address]);
    expect(stdout).toBe('[ 2.5, 3, 4.5 ]\n');
  });

  it('exits with code 0 after SIGTERM', async () => {
    app.kill('SIGTERM');
    const [code, signal] = await once(app, 'exit');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  it.each(['server.js', 'client.js'])('has %s, which stands word for word in docs/grpc.md', (file) => {
    expect(readFileSync(path('../../docs/grpc.md'), 'utf8')).toContain(readFileSync(path(`./${file}`), 'utf8'));
  });
});
