import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeModelServer } from './fake-model-server.test-support.js';
import { RestServer } from './rest-server.js';

async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('RestServer', () => {
  it('listens on loopback and tells where', async () => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    expect(server.host).toBe('127.0.0.1');
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/models/half`);
    expect(answer.status).toBe(200);
  });

  it('says so when the port is taken', async () => {
    await using first = await RestServer.listen(fakeModelServer(), { port: 0 });
    await expect(RestServer.listen(fakeModelServer(), { port: first.port })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${first.port}`),
    });
  });

  it.each([
    ['FOO /v1/models/half HTTP/1.1\r\n\r\n', 501],
    ['TRACE /v1/models/half HTTP/1.1\r\n\r\n', 501],
    ['CONNECT host:80 HTTP/1.1\r\n\r\n', 501],
    ['GET /v1/models/half%zz HTTP/1.1\r\n\r\n', 400],
    ['GET /v1/models/a b HTTP/1.1\r\n\r\n', 400],
    ['GET /v1/models/é HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTX/1.1\r\n\r\n', 400],
    ['FOO / HTTX/1.1\r\n\r\n', 400],
    ['FOO', 400],
    [' / HTTP/1.1\r\n\r\n', 400],
    ['\x16\x03\x01\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nno header\r\n\r\n', 400],
    ['TRACE /v1/models/a b HTTP/1.1\r\n\r\n', 501],
    ['get /v1/models/half HTTP/1.1\r\n\r\n', 501],
    ['GET v1/models/half HTTP/1.1\r\n\r\n', 404],
    ['GET ?x HTTP/1.1\r\n\r\n', 404],
    ['POST half:predict HTTP/1.1\r\n\r\n', 404],
    ['GET v1/models/a b HTTP/1.1\r\n\r\n', 400],
    ['GET http://host:x/v1/models/half HTTP/1.1\r\n\r\n', 400],
    ['POST /v1/models/half:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['POST /v1/models/half:predict HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc', 400],
    ['GET / HTTP/1.1\r\n\r\n', 404],
  ])('answers %j with the page of a %i', async (text, status) => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    const answer = await raw(server.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\n`));
    expect(answer).toMatch(/Connection: close\r\n/);
    expect(answer).toMatch(new RegExp(`<TITLE>${status} `));
  });

  it('answers the request before one that it turns away', async () => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /v1/models/half HTTP/1.1\r\n\r\n');
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.write('\r\nGET v1 HTTP/1.1\r\n\r\n');
    const [second] = await once(socket, 'data');
    expect(String(second)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    socket.destroy();
  });

  it('needs no Host header', async () => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    expect(await raw(server.port, 'GET /v1/models/half HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('when closed answers what is under way, takes nothing new, and lets kept connections go', async () => {
    let finish = (): void => undefined;
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const mayFinish = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const duringRun = (): Promise<void> => {
      started();
      return mayFinish;
    };
    const server = await RestServer.listen(fakeModelServer({ duringRun }), { port: 0 });
    const { port } = server;
    const agent = new Agent({ keepAlive: true });
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/models/half:predict' });
    sent.end('{"inputs": 1}');
    await running;
    let isClosed = false;
    const closed = server.close().then(() => {
      isClosed = true;
    });
    await expect(fetch(`http://127.0.0.1:${port}/v1/models/half`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    finish();
    const [response] = await once(sent, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
    await closed;
    await server.close();
    agent.destroy();
  });
});
