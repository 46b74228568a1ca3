/** Which engine runs what a command line names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensor } from '@serving/core/tensor';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const BIN = fileURLToPath(new URL('../../bin/tensorflow_model_server.js', import.meta.url));
const savedModels = fileURLToPath(new URL('../../../savedmodel/fixtures/', import.meta.url));
const onnxModels = fileURLToPath(new URL('../../../runtime-onnx/fixtures/', import.meta.url));
const withoutTensorFlow = { TENSORFLOW_LIBRARY_PATH: '/nowhere' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('tensorflow_model_server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-engines-'));
  const children = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts the server and waits until it says where it listens, or ends. */
  async function serve(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
    const child = spawn(process.execPath, [BIN, '--port=0', ...argv], {
      stdio,
      env: { ...process.env, ...env },
    });
    children.add(child);
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    // The last line of a start; gRPC comes first.
    const last = argv.some((flag) => flag.startsWith('--rest_api_port')) ? 'REST API at' : 'gRPC API at unix:';
    await Promise.race([expect.poll(() => log).toContain(last), once(child, 'exit')]);
    return log;
  }

  const socket = (): string => `--grpc_socket_path=${join(folder, `${Math.random()}.sock`)}`;
  const halfPlusTwo = ['--model_name=m', `--model_base_path=${savedModels}half_plus_two`];

  it.each([
    ['TensorFlow where its library is', [], {}, 'tensorflow', /TensorFlow 2\.\S+ at \//],
    ['ONNX Runtime elsewhere', [], withoutTensorFlow, 'onnx', /ONNX Runtime 1\.\S+ at \//],
    ['ONNX Runtime with --engine=onnx', ['--engine=onnx'], {}, 'onnx', /ONNX Runtime 1\.\S+ at \//],
    ['TensorFlow with --engine=tensorflow', ['--engine=tensorflow'], {}, 'tensorflow', /TensorFlow 2\.\S+ at \//],
  ] as const)('runs a SavedModel on %s', async (_, flags, env, engine, library) => {
    const log = await serve([socket(), ...halfPlusTwo, ...flags], env);
    expect(log).toMatch(library);
    expect(log).toMatch(new RegExp(`model loaded name=m version=124 engine=${engine} ms=\\d+\\n`));
  });

  it('serves an ONNX model with --model_platform=onnx, without a library for SavedModels', async () => {
    const flags = ['--model_platform=onnx', '--model_name=m', `--model_base_path=${onnxModels}half_plus_two`];
    const log = await serve([socket(), ...flags], withoutTensorFlow);
    expect(log).toContain('model loaded name=m version=1 engine=onnx ms=');
  });

  it('serves an ONNX model over REST and gRPC, with its metadata', async () => {
    const port = await freePort();
    const flag = socket();
    const model = ['--model_platform=onnx', '--model_name=m', `--model_base_path=${onnxModels}half_plus_two`];
    await serve([flag, ...model, `--rest_api_port=${port}`, '--enable_batching']);
    const url = `http://127.0.0.1:${port}/v1/models/m`;
    const body = JSON.stringify({ instances: [[1], [2], [5]] });
    const predicted = await fetch(`${url}:predict`, { method: 'POST', body });
    expect(await predicted.json()).toEqual({ predictions: [[2.5], [3], [4.5]] });
    const wrong = await fetch(`${url}:predict`, { method: 'POST', body: JSON.stringify({ instances: [[1, 2]] }) });
    expect(wrong.status).toBe(400);
    const metadata = JSON.stringify(await (await fetch(`${url}/metadata`)).json());
    expect(metadata).toContain('"dim":[{"size":"-1","name":"batch"},{"size":"1","name":""}]');

    const client = new GrpcClient(`unix:${flag.split('=')[1]}`);
    const x = createTensor('float', [2, 1], Float32Array.of(1, 2));
    const answer = await client.predict({ modelSpec: { name: 'm' }, inputs: { x } });
    expect(answer.outputs.y).toMatchObject({ shape: [2, 1], data: Float32Array.of(2.5, 3) });
    client.close();
  });

  it('takes platforms from the config file and engines from the file of options, per model', async () => {
    const config = join(folder, 'models.config');
    const options = join(folder, 'options.json');
    writeFileSync(
      config,
      `model_config_list {
         config { name: "saved" base_path: "${savedModels}half_plus_two" model_platform: "tensorflow" }
         config { name: "compiled" base_path: "${savedModels}half_plus_two" model_platform: "tensorflow" }
         config { name: "graph" base_path: "${onnxModels}half_plus_two" model_platform: "onnx" } }`,
    );
    writeFileSync(options, JSON.stringify({ compiled: { engine: 'onnx' }, graph: { weights: 'mapped' } }));
    const log = await serve([socket(), `--model_config_file=${config}`, `--model_options_file=${options}`]);
    expect(log).toContain('model loaded name=saved version=124 engine=tensorflow ms=');
    expect(log).toContain('model loaded name=compiled version=124 engine=onnx ms=');
    expect(log).toContain('model loaded name=graph version=1 engine=onnx ms=');
  });

  it('says what to install for a model that ONNX Runtime refuses', async () => {
    const log = await serve(
      [socket(), '--model_name=m', `--model_base_path=${savedModels}lookup_insert`],
      withoutTensorFlow,
    );
    expect(log).toContain('the signature changes state');
    expect(log).toContain('npx serving-engine install tensorflow');
  });

  it.each([
    ['--engine=tensorflo', '--engine must be one of auto, onnx, tensorflow, tfjs-node, got "tensorflo"'],
    ['--model_run_mode=fast', '--model_run_mode must be one of auto, thread, inline, got "fast"'],
    ['--model_platform=pytorch', '--model_platform must be tensorflow or onnx, got "pytorch"'],
  ])('fails to start with %s', async (flag, message) => {
    const output = recordingOutput();
    expect(await startTensorFlowModelServer(['--rest_api_port=1', ...halfPlusTwo, flag], output)).toBe(255);
    expect(output.err()).toContain(message);
  });
});
