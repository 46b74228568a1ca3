/**
 * Prints the files that one warm request enters, from the adapter to the engine, by V8's precise coverage, as JSON:
 * `node dist/request-walk.js [--batched]`.
 */

import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { ModelServer } from '@serving/core';
import { createNodeHandler } from '@serving/http';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from './fixtures.js';

/** After so many requests nothing is done for the first time any more. */
const WARM_UP_REQUESTS = 300;

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: fixtureBasePath('half_plus_two') }],
  // Another poll in the middle of the request would enter files of its own.
  pollIntervalMs: 'once',
  platforms: { tensorflow: savedModelPlatform({ engine: tensorflowRuntime({ runMode: 'inline' }) }) },
  ...(process.argv.includes('--batched') && { batching: { batchTimeoutMs: 1 } }),
});
const listener = createServer(createNodeHandler(server));
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
const { port } = listener.address() as AddressInfo;

async function request(): Promise<void> {
  const url = `http://127.0.0.1:${port}/v1/models/half_plus_two:predict`;
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: '{"instances": [1.0, 2.0, 5.0]}' });
  if (!response.ok) throw new Error(await response.text());
  await response.text();
}

for (let i = 0; i < WARM_UP_REQUESTS; i++) await request();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
await request();
await session.post('Profiler.takePreciseCoverage');
await request();
const { result } = await session.post('Profiler.takePreciseCoverage');
const files = result
  .filter(
    ({ url, functions }) =>
      /\/packages\/[^/]+\/dist\//.test(url) && functions.some(({ ranges }) => ranges[0]!.count > 0),
  )
  .map(({ url }) => url.split('/packages/')[1]!.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))
  .filter((file) => !file.startsWith('benchmarks/'))
  .sort();
process.stdout.write(`${JSON.stringify(files)}\n`);
listener.closeAllConnections();
listener.close();
await server.close();
