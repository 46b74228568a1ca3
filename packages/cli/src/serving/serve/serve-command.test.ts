import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { runServing } from '../serving.js';

const bin = (name: string) => fileURLToPath(new URL(`../../../bin/${name}.js`, import.meta.url));
const halfPlusTwo = fileURLToPath(new URL('../../../../savedmodel/fixtures/half_plus_two', import.meta.url));
/** A folder of models that nothing changes. */
const fixtures = fileURLToPath(new URL('../../../../savedmodel/fixtures', import.meta.url));
const onnxHalf = fileURLToPath(new URL('../../../../runtime-onnx/fixtures/half_plus_two', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'serving-serve-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Both streams of a process, as one text. */
function started(program: string, argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child: ChildProcess = spawn(process.execPath, [bin(program), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let text = '';
  const waits = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk;
      for (const look of [...waits]) look();
    });
  }
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(text)) return;
        waits.delete(look);
        resolve(text);
      };
      waits.add(look);
      look();
      void exited.then(([code]) => reject(new Error(`exit ${code}: ${text}`)));
    });
  return { child, exited, says };
}

describe('serving serve', () => {
  it('serves a folder with a console, says where, notices new models, and stops with 0', {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder();
    await cp(halfPlusTwo, join(folder, 'half plus two'), { recursive: true });
    await mkdir(join(folder, 'broken/1'), { recursive: true });
    await writeFile(join(folder, 'broken/1/saved_model.pb'), 'not a model');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const { child, exited, says } = started('serving', [
      'serve',
      folder,
      `--port=${port}`,
      `--grpc_port=${await freePort()}`,
      '--poll_seconds=1',
    ]);
    const text = await says(/Ctrl\+C stops the server/);
    expect(text).toContain(`Serving 2 models from ${folder}\n`);
    expect(text).toMatch(/ {2}half plus two {2}version 124 {2}available on \w+\n/);
    expect(text).toMatch(/ {2}broken {9}version 1 {4}failed: /);
    expect(text).toContain(`  Console  ${url}/console/\n`);
    expect(text).toMatch(/ {2}gRPC {5}127\.0\.0\.1:\d+\n/);
    expect(text).toContain(`  curl -d '{"inputs": {"x": [1.0]}}' ${url}/v1/models/half%20plus%20two:predict\n`);
    expect(text).not.toContain('--rest_api_host');

    const moved = await fetch(url, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, './console/']);
    const predicted = await fetch(`${url}/v1/models/half%20plus%20two:predict`, {
      method: 'POST',
      body: '{"inputs": {"x": [1.0]}}',
    });
    expect(await predicted.json()).toEqual({ outputs: [3.5] });
    const { server } = (await (await fetch(`${url}/console/api/snapshot`)).json()) as { server: { apis: object } };
    expect(server.apis).toMatchObject({ v1: '../v1', v2: '../v2', grpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });

    await cp(onnxHalf, join(folder, 'added'), { recursive: true });
    await says(/model loaded name=added version=\d+ /);
    const listed = (await (await fetch(`${url}/v1/models`)).json()) as { models: { name: string }[] };
    expect(listed.models.map(({ name }) => name)).toEqual(['added', 'broken', 'half plus two']);

    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  });

  it('ends at once by the second signal, while a request keeps the first from ending it', {
    timeout: 60_000,
  }, async () => {
    const port = await freePort();
    const { child, exited, says } = started('serving', ['serve', halfPlusTwo, `--port=${port}`, '--grpc_port=0']);
    await says(/Ctrl\+C stops the server/);
    const headers = { expect: '100-continue', 'transfer-encoding': 'chunked' };
    const sent = request(`http://127.0.0.1:${port}/v1/models/half_plus_two:predict`, { method: 'POST', headers });
    const failed = once(sent, 'error');
    sent.flushHeaders();
    await once(sent, 'continue');
    child.kill('SIGTERM');
    await says(/info draining: requests in flight are answered/);
    child.kill('SIGINT');
    // What a shell reports as 130.
    expect(await exited).toEqual([null, 'SIGINT']);
    await failed;
  });

  it('logs JSON, with the addresses, in place of the summary', async () => {
    const port = await freePort();
    const argv = ['serve', halfPlusTwo, `--port=${port}`, '--grpc_port=0', '--no-console', '--log_format=json'];
    const { child, exited, says } = started('serving', argv);
    const text = await says(/"msg":"listening"/);
    const records = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    expect(records.find(({ msg }) => msg === 'model loaded')).toEqual({
      level: 30,
      time: expect.any(Number),
      model: 'half_plus_two',
      version: 124,
      engine: expect.any(String),
      durationMs: expect.any(Number),
      msg: 'model loaded',
    });
    expect(records.find(({ msg }) => msg === 'listening')).toMatchObject({
      rest: `http://127.0.0.1:${port}`,
      models: ['half_plus_two/124'],
    });
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('fails before models load where a port is taken, and names the flag', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    for (const flags of [
      [`--port=${port}`, '--grpc_port=0'],
      [`--port=${await freePort()}`, `--grpc_port=${port}`],
    ]) {
      const output = recordingOutput();
      expect(await runServing(['serve', halfPlusTwo, ...flags], output)).toBe(1);
      const flag = flags.find((each) => each.endsWith(`=${port}`));
      expect(output.err()).toMatch(new RegExp(`error serving serve: UNAVAILABLE: ${flag}: .*EADDRINUSE`));
      expect(output.err()).not.toContain('model loaded');
    }
  });

  it.each([
    [['serve'], 2, /^serving serve: FOLDER is missing\n/],
    [['serve', '/nowhere'], 1, /error serving serve: NOT_FOUND: .*Can't read "\/nowhere"/],
    [['serve', fixtures, '--poll_seconds=0'], 1, /--poll_seconds must be at least 1, got 0/],
    [['serve', fixtures, '--port=0'], 1, /--port must be a port, an integer between 1 and 65535, got 0/],
    [['serve', fixtures, '--engine=torch'], 1, /--engine must be one of auto, .*got "torch"/],
  ])('ends %j with %i', async (argv, code, message) => {
    const output = recordingOutput();
    expect(await runServing(argv, output)).toBe(code);
    expect(output.err()).toMatch(message);
  });
});

describe('tensorflow_model_server', () => {
  /** The modules that a server loads until it has answered, by the coverage that V8 writes. */
  async function loadedModules(...flags: string[]) {
    const coverage = await temporaryFolder();
    const port = await freePort();
    const argv = [
      `--rest_api_port=${port}`,
      '--port=0',
      '--model_name=half',
      `--model_base_path=${halfPlusTwo}`,
      ...flags,
    ];
    const { child, exited, says } = started('tensorflow_model_server', argv, {
      ...process.env,
      NODE_V8_COVERAGE: coverage,
    });
    await says(/REST API at/);
    const url = `http://127.0.0.1:${port}`;
    const answers = await Promise.all(
      ['/', '/v1/models', '/console/api/snapshot'].map((path) => fetch(url + path, { redirect: 'manual' })),
    );
    child.kill('SIGTERM');
    await exited;
    const files = await readdir(coverage);
    const texts = await Promise.all(files.map((file) => readFile(join(coverage, file), 'utf8')));
    const modules = texts.flatMap((text) =>
      (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url: module }) => module),
    );
    return {
      statuses: answers.map(({ status }) => status),
      modules: modules.filter((module) => module.includes('/packages/console/')),
    };
  }

  it('has a console where it is asked for, and loads nothing of it elsewhere', async () => {
    const off = await loadedModules();
    expect(off).toEqual({ statuses: [404, 400, 404], modules: [] });
    const on = await loadedModules('--console_path=/console', '--drain_delay_ms=false');
    expect(on.statuses).toEqual([302, 200, 200]);
    expect(on.modules.length).toBeGreaterThan(10);
  });
});
