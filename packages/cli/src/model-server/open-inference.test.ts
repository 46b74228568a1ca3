import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ProtocolClient } from '../../../open-inference/src/grpc/protocol-client.test-support.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const basePath = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two_tf2', import.meta.url));
const body = JSON.stringify({ inputs: [{ name: 'x', shape: [3], datatype: 'FP32', data: [1, 2, 5] }] });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function started(...flags: string[]) {
  // Port 0 turns an API off: the system chooses these for a moment.
  const [restPort, port] = [await freePort(), await freePort()];
  const argv = [
    `--rest_api_port=${restPort}`,
    `--port=${port}`,
    `--model_base_path=${basePath}`,
    '--model_name=m',
    ...flags,
  ];
  const running = await startTensorFlowModelServer(argv, recordingOutput());
  if (typeof running === 'number') throw new Error(`ended with ${running}`);
  onTestFinished(() => running.close());
  const client = new ProtocolClient(port);
  onTestFinished(() => client.close());
  return { url: running.url!, client };
}

it('serves the Open Inference Protocol beside TensorFlow Serving’s APIs', async () => {
  const { url, client } = await started();
  const answer = await fetch(`${url}/v2/models/m/infer`, { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ model_version: '123', outputs: [{ name: 'y', data: [2.5, 3, 4.5] }] });
  expect(await client.call('ModelMetadata', { name: 'm' })).toMatchObject({ platform: 'tensorflow_savedmodel' });
  const predicted = await fetch(`${url}/v1/models/m:predict`, { method: 'POST', body: '{"instances":[1,2,5]}' });
  expect(await predicted.json()).toEqual({ predictions: [2.5, 3, 4.5] });
  expect((await fetch(`${url}/v2/repository/models/m/unload`, { method: 'POST' })).status).toBe(503);
});

it('lets clients unload models with --allow_model_control', async () => {
  const { url, client } = await started('--allow_model_control');
  expect((await fetch(`${url}/v2/repository/models/m/unload`, { method: 'POST' })).status).toBe(200);
  expect((await fetch(`${url}/v2/models/m/infer`, { method: 'POST', body })).status).toBe(503);
  expect(await client.call('RepositoryModelLoad', { modelName: 'm' })).toEqual({});
  expect((await fetch(`${url}/v2/models/m/infer`, { method: 'POST', body })).status).toBe(200);
});
