/** Swaps of versions under load through serving threads. */
import { Agent, request } from 'node:http';
import { type ModelConfigList, ModelServer } from '@serving/core';
import type { EngineName } from '@serving/engine';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';

const CONNECTIONS = 16;
const basePath = fixtureBasePath('half_plus_two');

function listed(version: number): ModelConfigList {
  return { models: [{ name: 'half_plus_two', basePath, versionPolicy: { specific: { versions: [version] } } }] };
}

function post(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = '/v1/models/half_plus_two:predict';
    const sent = request({ port, host: '127.0.0.1', path, method: 'POST', agent });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.end('{"instances": [1, 2, 5]}');
  });
}

/** Swaps versions so many times under load. Returns a line about it, and whether all requests were answered. */
export async function swapUnderLoad(
  threads: number,
  swaps: number,
  engine: EngineName,
): Promise<[line: string, isFine: boolean]> {
  await using server = await ModelServer.start({
    ...listed(123),
    platforms: { tensorflow: savedModelPlatform({ engine }) },
    startPolicy: 'all',
  });
  await using rest = await RestServer.listen(server, { port: 0, threads });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let [answered, failed, isOver] = [0, 0, false];
  const load = Array.from({ length: CONNECTIONS }, async () => {
    while (!isOver) {
      const status = await post(rest.port, agent).catch(() => 0);
      answered++;
      if (status !== 200) failed++;
    }
  });
  const before = process.memoryUsage.rss();
  for (let i = 0; i < swaps; i++) await server.reload(listed(i % 2 === 0 ? 124 : 123));
  isOver = true;
  await Promise.all(load);
  agent.destroy();
  const mb = (bytes: number): number => Math.round(bytes / 2 ** 20);
  const memory = `${mb(before)} to ${mb(process.memoryUsage.rss())} MB`;
  const line = `${threads} threads: ${swaps} swaps, ${answered} answered, ${failed} failed, ${memory}`;
  return [line, failed === 0];
}
