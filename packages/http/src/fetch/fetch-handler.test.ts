import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fakeModelServer } from '../rest/fake-model-server.test-support.js';
import { createFetchHandler } from './fetch-handler.js';

const URL_PREFIX = 'http://host:8501/v1/models/half';
const post = (body: RequestInit['body'], more: RequestInit = {}) =>
  new Request(`${URL_PREFIX}:predict`, { method: 'POST', body: body ?? null, ...more });

describe('createFetchHandler', () => {
  it('answers predict, status and what is not its own', async () => {
    const serve = createFetchHandler(fakeModelServer());
    const predicted = await serve(post('{"instances": [1, 2]}'));
    expect(predicted.headers.get('content-type')).toBe('application/json');
    expect(await predicted.json()).toEqual({ predictions: [2.5, 3] });
    expect((await serve(new Request(URL_PREFIX))).status).toBe(200);
    expect((await serve(new Request('http://host/'))).status).toBe(404);
    expect((await serve(new Request(`${URL_PREFIX}?x`))).status).toBe(404);
    expect((await serve(new Request(URL_PREFIX, { method: 'HEAD' }))).status).toBe(400);
  });

  it('inflates gzip', async () => {
    const serve = createFetchHandler(fakeModelServer());
    const answer = await serve(post(gzipSync('{"inputs": 1}'), { headers: { 'content-encoding': 'gzip' } }));
    expect(await answer.json()).toEqual({ outputs: 2.5 });
  });

  it('refuses a body that is too large, announced or not, without reading on', async () => {
    const serve = createFetchHandler(fakeModelServer(), { maxBodyBytes: 10 });
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(6));
      },
    });
    const streamed = new Request(`${URL_PREFIX}:predict`, { method: 'POST', body: endless, duplex: 'half' });
    expect((await serve(streamed)).status).toBe(413);
    expect(pulled).toBeLessThan(5);
    const announced = await serve(post('12345678901', { headers: { 'content-length': '11' } }));
    expect(announced.status).toBe(413);
    expect(await announced.json()).toEqual({ error: 'Request body is larger than 10 bytes' });
  });

  it('answers a body that breaks off, or that was read before', async () => {
    const serve = createFetchHandler(fakeModelServer());
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    const answer = await serve(post(broken, { duplex: 'half' } as RequestInit));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: "Request body can't be read: gone" });
    const read = post('{"inputs": 1}');
    await read.text();
    expect((await serve(read)).status).toBe(400);
  });

  it('cancels the run when the client goes', async () => {
    const controller = new AbortController();
    const server = fakeModelServer({ duringRun: () => controller.abort() });
    await createFetchHandler(server)(post('{"inputs": 1}', { signal: controller.signal }));
    expect(server.lastOptions()?.signal?.aborted).toBe(true);
  });
});
