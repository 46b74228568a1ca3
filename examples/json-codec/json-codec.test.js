import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe("the codec's client and server", () => {
  let server;
  let model;

  beforeAll(async () => {
    server = spawn(process.execPath, [path('./server.js')], { env: { ...process.env, PORT: '0' } });
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
    model = `http://127.0.0.1:${/listening on (\d+)/.exec(line)[1]}/v1/models/half_plus_two`;
  });

  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
  });

  const run = async (client) => (await promisify(execFile)(process.execPath, [path(client), model])).stdout;

  /** What the comments behind `console.log` promise. */
  const promised = (client) =>
    [...readFileSync(path(client), 'utf8').matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text]) => text);

  it('predict, with exact tensors and errors', async () => {
    const lines = (await run('./predict-client.js')).trimEnd();
    expect(lines.replace(/\n {2}|\n(?=\})/g, ' ')).toBe(promised('./predict-client.js').join('\n'));
  });

  it('regress and classify plain objects', async () => {
    const lines = (await run('./examples-client.js')).trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(promised('./examples-client.js'));
    expect(lines[2]).toBe("[ 'y' ] Float32Array(1) [ 4.5 ]");
  });

  it('answers a request for what it does not know with an error', async () => {
    const response = await fetch(`${model}:dream`, { method: 'POST', body: '{}' });
    expect([response.status, await response.json()]).toEqual([404, { error: 'predict, regress or classify?' }]);
  });

  it.each(['server.js', 'predict-client.js', 'examples-client.js'])('has %s word for word in the docs', (file) => {
    expect(readFileSync(path('../../docs/json-mapping.md'), 'utf8')).toContain(readFileSync(path(`./${file}`), 'utf8'));
  });
});
