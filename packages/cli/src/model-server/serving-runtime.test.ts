/** The server as the manifest for KServe starts it. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensor } from '@serving/core/tensor';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { OpenInferenceGrpcClient } from '@serving/open-inference/client-grpc';
import { expect, it, onTestFinished } from 'vitest';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const manifest = readFileSync(path('../../../../examples/kubernetes/kserve-serving-runtime.yaml'), 'utf8');
const model = path('../../../savedmodel/fixtures/half_plus_two_tf2/123');
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));
const loopbacks = hasIpv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'];
const x = createTensor('float', [3], Float32Array.of(1, 2, 5));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The arguments of the manifest, with these in place of its own. */
function argumentsOf(changes: Readonly<Record<string, string>>): string[] {
  const given = Array.from(
    manifest.matchAll(/^ {8}- "?(--\w+(?:=[^\s"]*)?)"?(?: #.*)?$/gm),
    ([, argument]) => argument!,
  );
  expect(given.length).toBeGreaterThan(8);
  return given.map((argument) => {
    const [name = ''] = argument.slice(2).split('=');
    return changes[name] === undefined ? argument : `--${name}=${changes[name]}`;
  });
}

async function started(basePath: string, monitoring: string) {
  const [restPort, port] = [await freePort(), await freePort()];
  const hosts = hasIpv6 ? {} : { rest_api_host: '0.0.0.0', grpc_host: '0.0.0.0' };
  const ports = { rest_api_port: String(restPort), port: String(port) };
  const files = { model_base_path: basePath, monitoring_config_file: monitoring };
  const running = await startTensorFlowModelServer(
    argumentsOf({ ...ports, ...files, ...hosts, model_name: 'digits' }),
    recordingOutput(),
  );
  if (typeof running === 'number') throw new Error(`ended with ${running}`);
  onTestFinished(() => running.close());
  return { restPort, port };
}

it('serves a model without version folders as version 1, over all protocols and both families of addresses', async () => {
  const { restPort, port } = await started(model, '');
  if (!hasIpv6) {
    // biome-ignore lint/suspicious/noConsole: a part of the test is left out.
    console.warn('This machine has no IPv6: the server listens on 0.0.0.0');
  }
  for (const host of loopbacks) {
    const url = `http://${host}:${restPort}`;
    for (const probe of ['/v2/health/live', '/v2/health/ready', '/v2/models/digits/ready', '/health/ready']) {
      expect((await fetch(url + probe)).status).toBe(200);
    }
    const predicted = await fetch(`${url}/v1/models/digits:predict`, { method: 'POST', body: '{"instances":[1,2,5]}' });
    expect(await predicted.json()).toEqual({ predictions: [2.5, 3, 4.5] });
    const grpc = new OpenInferenceGrpcClient(`http://${host}:${port}`);
    onTestFinished(() => grpc.close());
    for (const client of [new OpenInferenceClient(url), grpc]) {
      const { version, outputs } = await client.infer({ model: 'digits', inputs: { x } });
      expect([version, outputs.y!.data]).toEqual(['1', Float32Array.of(2.5, 3, 4.5)]);
    }
  }
});

it('waits for a link to the model that appears after the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-runtime-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const basePath = join(folder, 'models');
  const { restPort } = await started(basePath, '');
  const ready = async () => (await fetch(`http://127.0.0.1:${restPort}/v2/health/ready`)).status;
  expect(await ready()).toBe(503);
  await symlink(model, basePath);
  await expect.poll(ready, { timeout: 30_000, interval: 50 }).toBe(200);
});
