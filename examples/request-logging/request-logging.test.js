import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { beside, fixture, startExample, startModelServer } from '../test-support/example-process.js';

const path = beside(import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'request-logging-'));
afterAll(() => rmSync(root, { recursive: true }));

const predict = async (url, model, instances) => {
  const answer = await fetch(`${url}/v1/models/${model}:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances }),
  });
  return (await answer.json()).predictions;
};

/** How many requests a version is warmed up with. */
async function countWarmups(basePath) {
  const counts = [];
  onTestFinished(observeServing({ onWarmup: ({ requests }) => counts.push(requests) }));
  const server = await ModelServer.start({
    models: [{ name: 'half_plus_two', basePath }],
    platforms: { tensorflow: savedModelPlatform() },
    startPolicy: 'all',
  });
  await server.close();
  return counts;
}

/** A model whose latest version has this file to be warmed up with. */
function withWarmup(name, file) {
  const basePath = join(root, name);
  cpSync(fixture('half_plus_two_tf2'), basePath, { recursive: true });
  const extra = join(basePath, '123', 'assets.extra');
  mkdirSync(extra, { recursive: true });
  copyFileSync(file, join(extra, 'tf_serving_warmup_requests'));
  return basePath;
}

describe('an application that logs requests', () => {
  it('writes them to a file that a model is warmed up with, and hands them to a function', async () => {
    const logs = join(root, 'app-logs');
    const app = await startExample(path('./server.js'), [fixture('half_plus_two_tf2'), fixture('digits'), logs]);
    onTestFinished(() => app.kill());
    const { url } = app;
    expect(await predict(url, 'half_plus_two', [1, 2])).toEqual([2.5, 3]);
    expect(await predict(url, 'half_plus_two', [5])).toEqual([4.5]);
    const [{ image, label }] = JSON.parse(readFileSync(`${fixture('digits')}/samples.json`, 'utf8'));
    const pixels = image.map((row) => row.map((value) => [value / 16]));
    await predict(url, 'digits', [pixels]);
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    const line = JSON.parse(/^\{.*\}$/m.exec(app.printed)[0]);
    expect(line).toEqual({ name: 'digits', version: 2, signatureName: 'serving_default', labels: [label] });
    const [file, ...others] = readdirSync(logs);
    expect(others).toEqual([]);
    expect(file).toMatch(/^half_plus_two-\d{8}T\d{6}\.\d{3}Z\.tfrecord$/);
    expect(await countWarmups(withWarmup('app', join(logs, file)))).toEqual([2]);
  });

  it('is tensorflow_model_server with a config file', async () => {
    const folder = join(root, 'server');
    mkdirSync(join(folder, 'models'), { recursive: true });
    cpSync(fixture('half_plus_two_tf2'), join(folder, 'models', 'half_plus_two'), { recursive: true });
    const config = readFileSync(path('./models.config'), 'utf8').replace(/"\/(var\/log\/)?/g, (quoted) =>
      quoted === '"/' ? `"${folder}/` : `"${folder}/log/`,
    );
    writeFileSync(join(folder, 'models.config'), config);
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const flags = ['--port=0', `--rest_api_port=${port}`, `--model_config_file=${join(folder, 'models.config')}`];
    const task = ['--request_log_dc=eu', '--request_log_task_index=0'];
    const server = await startModelServer([...flags, ...task], { cwd: folder });
    onTestFinished(() => server.kill());
    for (const x of [1, 2, 3]) expect(await predict(server.url, 'half_plus_two', [x])).toEqual([x / 2 + 2]);
    expect(await server.terminate()).toEqual({ code: 0, signal: null });
    const [file] = readdirSync(join(folder, 'log/models'));
    expect(await countWarmups(withWarmup('from-server', join(folder, 'log/models', file)))).toEqual([3]);
  });

  it('stands word for word in docs/guides/request-logging.md', () => {
    const page = readFileSync(path('../../docs/guides/request-logging.md'), 'utf8');
    for (const file of ['server.js', 'models.config']) expect(page).toContain(readFileSync(path(file), 'utf8'));
  });
});
