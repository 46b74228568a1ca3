import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { recordingOutput } from './recording-output.test-support.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const BIN = fileURLToPath(new URL('../bin/tensorflow_model_server.js', import.meta.url));
const fixtures = fileURLToPath(new URL('../../savedmodel/fixtures/', import.meta.url));
const LONG = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(...argv: string[]) {
  const output = recordingOutput();
  const code = await startTensorFlowModelServer(argv, output);
  return { code, out: output.out(), err: output.err() };
}

describe('startTensorFlowModelServer', () => {
  it('prints usage and versions', async () => {
    const help = await start('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/^usage: tensorflow_model_server\nFlags:\n[\s\S]*\t--rest_api_host="127.0.0.1"\tstring\t/);
    expect(help.out).toMatch(/--grpc_max_threads=0.*\(without effect here\)/);
    const version = await start('--version');
    expect(version.out).toMatch(/^TensorFlow ModelServer: \d+\.\d+\.\d+ .*\nTensorFlow Library: /);
  });

  it('ends with 255 and the usage for a value that does not parse', async () => {
    const { code, err } = await start('--rest_api_port=eighty', '--help');
    expect(code).toBe(255);
    expect(err).toMatch(/^invalid value: --rest_api_port=eighty\nusage: /);
  });

  it('names unknown arguments, prints the usage and goes on', async () => {
    const { code, err } = await start('--what=1', 'x', '--rest_api_port=1');
    expect(err).toMatch(/^unknown argument: --what=1\nunknown argument: x\nusage: /);
    expect(err).toMatch(/\nFailed to start server\. Error: INVALID_ARGUMENT: Both server_options\.model_base_path/);
    expect(code).toBe(255);
  });

  it('fails to start without the files that it is given', async () => {
    const { code, err } = await start('--rest_api_port=1', '--model_config_file=/nowhere/models.config');
    expect(code).toBe(255);
    expect(err).toBe('Failed to start server. Error: NOT_FOUND: /nowhere/models.config; No such file or directory\n');
  });
});

describe('tensorflow_model_server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-cli-'));
  const children = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts the server and waits until it says where it listens. */
  async function serve(...argv: string[]) {
    const child = spawn(process.execPath, [BIN, '--port=0', ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.add(child);
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    let log = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk;
        const listening = /REST API at (\S+)\/v1\/models/.exec(log)?.[1];
        if (listening) resolve(listening);
      });
      child.once('exit', (code) => reject(new Error(`exit ${code}: ${log}`)));
    });
    return { child, exited, url, log: () => log };
  }

  const post = (url: string, body: unknown): Promise<Response> =>
    fetch(url, { method: 'POST', body: JSON.stringify(body) });

  it('serves what a config file names, and leaves with 0 on SIGTERM', { timeout: LONG }, async () => {
    const config = join(folder, 'models.config');
    writeFileSync(
      config,
      `model_config_list {
         config { name: "half 模型" base_path: "${fixtures}half_plus_two" model_platform: "tensorflow"
           model_version_policy { all {} } version_labels { key: "stable" value: 123 } }
         config { name: "missing" base_path: "${folder}/nothing" model_platform: "tensorflow" } }`,
    );
    const monitoring = join(folder, 'monitoring.config');
    writeFileSync(monitoring, 'prometheus_config { enable: true path: "/metrics" }');
    const port = await freePort();
    const { child, exited, url, log } = await serve(
      `--rest_api_port=${port}`,
      `--model_config_file=${config}`,
      `--monitoring_config_file=${monitoring}`,
      '--enable_batching',
      '--grpc_max_threads=3',
    );
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(log()).toContain('without effect here: --grpc_max_threads\n');
    expect(log()).toMatch(/half 模型 version 124 is available/);

    const model = `${url}/v1/models/${encodeURIComponent('half 模型')}`;
    const predicted = await post(`${model}/labels/stable:predict`, { instances: [1, 2, 5] });
    expect(await predicted.text()).toBe('{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}');
    const status = await (await fetch(model)).json();
    expect(status).toMatchObject({
      model_version_status: [{ version: '124' }, { version: '123', state: 'AVAILABLE' }],
    });
    expect((await fetch(`${model}/metadata`)).status).toBe(200);
    expect((await fetch(`${url}/v1/models/missing`)).status).toBe(404);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('{model_name="half 模型",status="OK"} 3');

    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(log()).toMatch(/half 模型 version 123 is unloaded/);
  });

  /** A request that has reached the server, which waits for its body. */
  async function sendHead(target: string) {
    const headers = { expect: '100-continue', 'transfer-encoding': 'chunked' };
    const sent = request(target, { method: 'POST', headers });
    const answered = once(sent, 'response').then(async ([response]) => {
      const chunks = await (response as IncomingMessage).toArray();
      return { status: (response as IncomingMessage).statusCode, body: Buffer.concat(chunks).toString() };
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    return { answered, sendBody: (body: unknown) => sent.end(JSON.stringify(body)) };
  }

  const slow = ['--model_name=slow', `--model_base_path=${fixtures}slow`];

  it('answers what is under way before it leaves', { timeout: LONG }, async () => {
    const { child, exited, url, log } = await serve(`--rest_api_port=${await freePort()}`, ...slow);
    const { answered, sendBody } = await sendHead(`${url}/v1/models/slow:predict`);
    child.kill('SIGTERM');
    await expect.poll(log, { timeout: 10_000 }).toContain('SIGTERM');
    await expect(fetch(`${url}/v1/models/slow`)).rejects.toThrow();
    sendBody({ inputs: { iterations: 20, x: 1 } });
    expect(await answered).toEqual({ status: 200, body: expect.stringContaining('21.0') });
    expect(await exited).toEqual([0, null]);
  });

  it('leaves at once on a second signal', { timeout: LONG }, async () => {
    const { child, exited, url, log } = await serve(`--rest_api_port=${await freePort()}`, ...slow);
    const { answered, sendBody } = await sendHead(`${url}/v1/models/slow:predict`);
    const failed = expect(answered).rejects.toThrow();
    sendBody({ inputs: { iterations: 100_000, x: 1 } });
    child.kill('SIGINT');
    await expect.poll(log, { timeout: 10_000 }).toContain('SIGINT');
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    await failed;
  });

  it('fails to start on a port that is taken', { timeout: LONG }, async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const started = serve(`--rest_api_port=${port}`, `--model_base_path=${fixtures}half_plus_two`);
    await expect(started).rejects.toThrow(
      /^exit 255: [\s\S]*Failed to start server\. Error: UNAVAILABLE: .*EADDRINUSE/,
    );
    taken.close();
  });
});
