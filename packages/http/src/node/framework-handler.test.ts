import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HttpResponse } from '../http-message.js';
import { fakeModelServer } from '../rest/fake-model-server.test-support.js';
import type { HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import { type FrameworkExchange, FrameworkHandler } from './framework-handler.js';

const PREDICT = '/v1/models/half:predict';

/** A host that calls the handler and sends what it gives; `outcomes` tells what it gave. */
async function host(
  options: HttpRestApiOptions = {},
  bodyOf: (request: IncomingMessage) => FrameworkExchange['body'] = (request) => request,
) {
  const api = new FrameworkHandler(fakeModelServer(), options);
  const outcomes: (HttpResponse | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const target = request.url!.replace(/^\/ml/, '');
    const route = api.match(request.method!, target)!;
    const answered = await api.handle(route, { request, response, target, body: bodyOf(request) });
    outcomes.push(answered);
    if (answered) response.writeHead(answered.status, answered.headers).end(answered.body);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}/ml${PREDICT}`, { method: 'POST', body, headers });
  return { port, outcomes, post };
}

describe('FrameworkHandler', () => {
  it('reads the body and answers for the target below the mount point', async () => {
    const { post } = await host();
    expect(await (await post('{"inputs": 1}')).json()).toEqual({ outputs: 2.5 });
  });

  it('takes what a parser made, which is inflated', async () => {
    const { post } = await host({}, () => ({ inputs: 1 }));
    expect(await (await post('{}', { 'content-encoding': 'gzip' })).json()).toEqual({ outputs: 2.5 });
  });

  it('reads the stream that it is given, whatever length was announced', async () => {
    const { post } = await host({ maxBodyBytes: 13 }, () => new PassThrough().end('{"inputs": 1}'));
    expect(await (await post(' '.repeat(100))).json()).toEqual({ outputs: 2.5 });
  });

  it('answers 400 when that stream fails', async () => {
    const { post } = await host({}, () => new PassThrough().destroy(new Error('not gzip')));
    const answer = await post('{}');
    expect([answer.status, await answer.json()]).toEqual([400, { error: "Request body can't be read: not gzip" }]);
  });

  it('has answered a body that is too large, and gives nothing to send', async () => {
    const { post, outcomes } = await host({ maxBodyBytes: 10 });
    expect((await post('{"inputs": 1}')).status).toBe(413);
    expect(outcomes).toEqual([undefined]);
  });

  it('gives nothing to send when the client went before its body’s end', async () => {
    const { port, outcomes } = await host();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{`, () => socket.destroy());
    while (outcomes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual([undefined]);
  });

  it('tells routers where its targets begin', () => {
    const options = { healthPath: '/health', prometheusPath: '/metrics' };
    expect(new FrameworkHandler(fakeModelServer(), options).paths).toEqual(['/metrics', '/health', '/v1/models']);
    expect(new FrameworkHandler(fakeModelServer()).paths).toEqual(['/v1/models']);
  });
});
