/** Models in processes of their own, as a command line has them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensor } from '@serving/core/tensor';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const BIN = fileURLToPath(new URL('../../bin/tensorflow_model_server.js', import.meta.url));
const model = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'serving-isolation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const flags = ['--model_name=m', `--model_base_path=${model}`, '--engine=onnx', '--port=0', '--serving_threads=2'];

/** Processes that a process has started. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server in a process of its own, when it listens. */
async function serve(...more: string[]) {
  const port = await freePort();
  const socket = join(folder, `${port}.sock`);
  const argv = [...flags, `--rest_api_port=${port}`, `--grpc_socket_path=${socket}`, ...more];
  const host = spawn(process.execPath, [BIN, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  let log = '';
  host.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const logged = (text: string): Promise<void> => expect.poll(() => log).toContain(text);
  await logged('REST API at');
  const predict = async (x: number): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}/v1/models/m:predict`;
    return (await fetch(url, { method: 'POST', body: JSON.stringify({ instances: [x] }) })).json();
  };
  return { host, pid: host.pid!, socket, logged, predict };
}

describe('tensorflow_model_server --model_isolation=process', () => {
  it('answers REST and gRPC, again after its model was killed, and takes it along when it is killed itself', async () => {
    const { host, pid, socket, logged, predict } = await serve('--model_isolation=process', '--enable_batching');
    const [child, ...others] = childrenOf(pid);
    expect(others).toEqual([]);
    expect(readFileSync(`/proc/${pid}/maps`, 'latin1')).not.toContain('libonnxruntime');
    expect(readFileSync(`/proc/${child}/maps`, 'latin1')).toContain('libonnxruntime');
    expect(await predict(1)).toEqual({ predictions: [3.5] });
    const client = new GrpcClient(`unix:${socket}`);
    const x = createTensor('float', [2], Float32Array.of(1, 2));
    const { outputs } = await client.predict({ modelSpec: { name: 'm' }, inputs: { x } });
    expect(outputs.y).toMatchObject({ data: Float32Array.of(3.5, 4) });
    client.close();

    process.kill(child!, 'SIGSEGV');
    await logged(`model process ended name=m version=124 pid=${child} signal=SIGSEGV`);
    await logged('model process started again name=m version=124 pid=');
    expect(await predict(2)).toEqual({ predictions: [4] });

    const [next] = childrenOf(pid);
    expect(next).not.toBe(child);
    const ended = once(host, 'exit');
    host.kill('SIGKILL');
    await ended;
    await expect.poll(() => isRunning(next!), { interval: 20, timeout: 1000 }).toBe(false);
  });

  it('ends with its models on SIGTERM, also of the whole group, with exit code 0', async () => {
    const { host, pid, predict } = await serve('--model_isolation=process');
    const [child] = childrenOf(pid);
    expect(await predict(1)).toEqual({ predictions: [3.5] });
    process.kill(child!, 'SIGTERM');
    expect(await predict(1)).toEqual({ predictions: [3.5] });
    const ended = once(host, 'exit');
    host.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(isRunning(child!)).toBe(false);
  });

  it('takes isolation and limits from the file of options, per model', async () => {
    const options = join(folder, 'options.json');
    writeFileSync(options, JSON.stringify({ m: { isolation: 'process', process: { maxDeathsPerMinute: 0 } } }));
    const { pid, logged } = await serve(`--model_options_file=${options}`);
    process.kill(childrenOf(pid)[0]!, 'SIGABRT');
    await logged(
      'model failed name=m version=124 code=UNAVAILABLE error="The model\'s process ended 1 times within a minute',
    );
    expect(childrenOf(pid)).toEqual([]);
  });

  it('fails to start with another value', async () => {
    const output = recordingOutput();
    expect(await startTensorFlowModelServer([...flags, '--rest_api_port=1', '--model_isolation=thread'], output)).toBe(
      255,
    );
    expect(output.err()).toContain('--model_isolation must be one of none, process, got "thread"');
  });
});
