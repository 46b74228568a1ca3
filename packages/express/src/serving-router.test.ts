import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ModelServer, platformFromLoader, simpleLoader } from '@serving/core';
import express, { type Express } from 'express';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { halfPlusTwo } from '../../http/src/fake-model-server.test-support.js';
import { servingRouter } from './serving-router.js';

const basePath = mkdtempSync(join(tmpdir(), 'serving-express-'));
mkdirSync(join(basePath, '4'));
const server = await ModelServer.start({
  models: [{ name: 'half', basePath }],
  platforms: { tensorflow: platformFromLoader(() => simpleLoader({ load: () => halfPlusTwo() })) },
});

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(async () => {
  await server.close();
  rmSync(basePath, { recursive: true });
});

async function listen(app: Express): Promise<string> {
  const listener = createServer(app).listen(0, '127.0.0.1');
  cleanUps.push(() => {
    listener.close();
    listener.closeAllConnections();
  });
  await once(listener, 'listening');
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

const MODEL = '/v1/models/half';
const post = (url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

describe('servingRouter', () => {
  it.each([
    ['nothing', undefined],
    ['express.json()', express.json()],
    ['express.raw()', express.raw({ type: '*/*' })],
    ['express.text()', express.text({ type: '*/*' })],
  ])('answers with %s in front', async (_what, parser) => {
    const app = express();
    if (parser) app.use(parser);
    const url = await listen(app.use(servingRouter(server)));
    const predicted = await post(`${url}${MODEL}:predict`, '{"instances": [1, 2]}');
    expect(predicted.headers.get('content-type')).toBe('application/json');
    expect(await predicted.text()).toBe('{\n    "predictions": [2.5, 3.0\n    ]\n}');
    const zipped = await post(`${url}${MODEL}:predict`, gzipSync('{"inputs": 1}'), { 'content-encoding': 'gzip' });
    expect(await zipped.json()).toEqual({ outputs: 2.5 });
    expect((await fetch(`${url}${MODEL}`)).status).toBe(200);
    expect((await fetch(`${url}/v1/models/nope/metadata`)).status).toBe(404);
  });

  it('reads a body that express.json() leaves alone for its content type', async () => {
    const url = await listen(express().use(express.json(), servingRouter(server)));
    const answer = await post(`${url}${MODEL}:predict`, '{"inputs": NaN}', { 'content-type': 'text/plain' });
    expect(await answer.text()).toContain('NaN');
  });

  it('answers below the path where it is mounted', async () => {
    const url = await listen(express().use('/ml/serving', servingRouter(server)));
    expect(await (await post(`${url}/ml/serving${MODEL}:predict`, '{"inputs": 1}')).json()).toEqual({ outputs: 2.5 });
    const malformed = await fetch(`${url}/ml/serving/v1/models/`);
    expect(await malformed.json()).toEqual({ error: 'Malformed request: GET /v1/models/' });
    expect((await fetch(`${url}${MODEL}`)).status).toBe(404);
  });

  it('leaves everything else to the app', async () => {
    const app = express().use(servingRouter(server));
    app.get(['/', '/v1/users', '/monitoring/prometheus/metrics'], (_request, response) => {
      response.send('app');
    });
    const url = await listen(app);
    for (const path of ['/', '/v1/users', '/monitoring/prometheus/metrics']) {
      expect(await (await fetch(url + path)).text()).toBe('app');
    }
  });

  it('takes the REST API’s options', async () => {
    const options = { maxBodyBytes: 5, enableCorsSupport: true, prometheusPath: '/metrics' };
    const url = await listen(express().use(servingRouter(server, options)));
    const tooLarge = await post(`${url}${MODEL}:predict`, '{"inputs": 1}');
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.headers.get('access-control-allow-origin')).toBe('*');
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });
});
