import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeModelServerOptions, fakeModelServer } from '../rest/fake-model-server.test-support.js';
import type { HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import { createNodeHandler } from './node-handler.js';

const PREDICT = '/v1/models/half:predict';
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function listen(listener: RequestListener): Promise<number> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(options: HttpRestApiOptions = {}, fake: FakeModelServerOptions = {}) {
  const server = fakeModelServer(fake);
  const handler = createNodeHandler(server, options);
  return { server, port: await listen((request, response) => handler(request, response)) };
}

async function open(port: number): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  cleanUps.push(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, received: () => text, closed };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

const post = (body: string, headers = '') =>
  `POST ${PREDICT} HTTP/1.1\r\nHost: h\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('createNodeHandler', () => {
  it('answers with content type and length, over one connection that it keeps', async () => {
    const { port } = await serve();
    const { socket, received } = await open(port);
    socket.write(post('{"instances": [1]}'));
    await until(() => received().endsWith('}'));
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\nContent-Length: 33\r\n/);
    expect(received()).not.toMatch(/connection: close/i);
    socket.write(post('{"instances": [2]}'));
    await until(() => count(received(), '200 OK') === 2 && received().endsWith('}'));
    expect(received()).toContain('[3.0');
  });

  it.each([
    ['a short', 'é€😀'],
    ['a long', 'é€😀'.repeat(400)],
  ])('sends %s response with characters beyond ASCII byte by byte', async (_, name) => {
    const { port } = await serve();
    const url = `http://127.0.0.1:${port}/v1/models/half:predict`;
    const body = JSON.stringify({ signature_name: name, inputs: 1 });
    const response = await fetch(url, { method: 'POST', body });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(JSON.parse(bytes.toString()).error).toContain(name);
  });

  it('answers pipelined requests in their order', async () => {
    let runs = 0;
    let letFirstGo = (): void => undefined;
    const firstMayGo = new Promise<void>((resolve) => {
      letFirstGo = resolve;
    });
    const { port } = await serve({}, { duringRun: () => (runs++ === 0 ? firstMayGo : undefined) });
    const { socket, received } = await open(port);
    socket.write(post('{"inputs": 1}') + post('{"inputs": 2}') + post('{"inputs": 3}'));
    await until(() => runs === 3);
    expect(received()).toBe('');
    letFirstGo();
    await until(() => count(received(), '200 OK') === 3 && received().endsWith('}'));
    expect(received().match(/"outputs": ([\d.]+)/g)).toEqual(['"outputs": 2.5', '"outputs": 3.0', '"outputs": 3.5']);
  });

  it('takes chunked bodies, and bodies that come in pieces', async () => {
    const { port } = await serve();
    const { socket, received } = await open(port);
    socket.write(`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"inputs\r\n`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.write('5\r\n": 1}\r\n0\r\n\r\n');
    await until(() => received().endsWith('}'));
    expect(received()).toContain('2.5');
    const whole = post('{"inputs": 2}');
    socket.write(whole.slice(0, -3));
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(whole.slice(-3));
    await until(() => count(received(), '200 OK') === 2 && received().endsWith('}'));
    expect(received()).toContain('3.0');
  });

  it('keeps large bodies apart that come at the same time and one after the other', async () => {
    const { port } = await serve();
    const length = 100_000;
    const sent = (value: number) => JSON.stringify({ instances: new Array(length).fill(value + 0.25) });
    const answerTo = async (value: number): Promise<number[]> => {
      const { socket, received } = await open(port);
      const body = post(sent(value));
      for (let at = 0; at < body.length; at += 100_000) {
        if (!socket.write(body.slice(at, at + 100_000))) await once(socket, 'drain');
        await new Promise((resolve) => setImmediate(resolve));
      }
      await until(() => received().endsWith('}'));
      return JSON.parse(received().slice(received().indexOf('{'))).predictions;
    };
    for (let round = 0; round < 2; round++) {
      const values = [1, 2, 3, 4].map((value) => value * 10 ** round);
      const answers = await Promise.all(values.map(answerTo));
      for (const [i, value] of values.entries()) {
        expect(answers[i]).toEqual(new Array(length).fill(Math.fround((value + 0.25) / 2 + 2)));
      }
    }
  });

  it('answers HTTP/1.0 and Expect: 100-continue', async () => {
    const { port } = await serve();
    const old = await open(port);
    old.socket.write(`POST ${PREDICT} HTTP/1.0\r\nContent-Length: 13\r\n\r\n{"inputs": 1}`);
    await old.closed;
    expect(old.received()).toContain('2.5');
    const careful = await open(port);
    careful.socket.write(`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n`);
    await until(() => careful.received().includes('\r\n\r\n'));
    expect(careful.received()).toMatch(/^HTTP\/1\.1 100 Continue/);
    careful.socket.write('{"inputs": 1}');
    await until(() => careful.received().endsWith('}'));
    expect(careful.received()).toContain('2.5');
  });

  it('answers HEAD without a body, OPTIONS, a GET with a body, and gzip', async () => {
    const { port } = await serve({ enableCorsSupport: true });
    const base = `http://127.0.0.1:${port}`;
    const head = await fetch(`${base}/v1/models/half`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([400, '']);
    const preflight = await fetch(base + PREDICT, { method: 'OPTIONS', headers: { origin: 'https://example.com' } });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('content-length')).toBe('0');
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const { socket, received } = await open(port);
    socket.write('GET /v1/models/half HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc');
    socket.write('GET /v1/models/half HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => count(received(), '200 OK') === 2);
    const zipped = await fetch(base + PREDICT, {
      method: 'POST',
      body: gzipSync('{"inputs": 1}'),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(await zipped.json()).toEqual({ outputs: 2.5 });
  });

  it('answers HTML pages where the target is not its own, and closes the connection', async () => {
    const { port } = await serve();
    const { socket, received, closed } = await open(port);
    socket.write('GET /favicon.ico HTTP/1.1\r\nHost: h\r\n\r\n');
    await closed;
    expect(received()).toMatch(
      /^HTTP\/1\.1 404 Not Found\r\nContent-Type: text\/html\r\nContent-Length: 90\r\nConnection: close\r\n/,
    );
  });

  it('goes on with the host’s routes where the target is not its own', async () => {
    const handler = createNodeHandler(fakeModelServer());
    const port = await listen((request, response) => handler(request, response, () => response.end('host')));
    const text = async (target: string) => (await fetch(`http://127.0.0.1:${port}${target}`)).text();
    expect(await text('/')).toBe('host');
    expect(await text('/v1/users')).toBe('host');
    expect(await text('/v1/models/half')).toContain('AVAILABLE');
  });
});

describe('createNodeHandler with a body that is too large', () => {
  it('answers by the announced length before any of it has come, then closes', async () => {
    const { port } = await serve({ maxBodyBytes: 100 });
    const { socket, received, closed } = await open(port);
    socket.write(`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n`);
    await until(() => received().endsWith('}'));
    expect(received()).toMatch(/^HTTP\/1\.1 413 [\w ]+\r\nContent-Type: application\/json\r\n/);
    expect(received()).toMatch(/\r\nConnection: close\r\n/);
    expect(received()).toContain('"error": "Request body is larger than 100 bytes"');
    await closed;
  });

  it('answers a chunked body while it comes, and the client that goes on sending sees the answer', async () => {
    const { port } = await serve({ maxBodyBytes: 100_000 });
    const { socket, received, closed } = await open(port);
    socket.write(`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 40 && socket.writable; i++) {
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed]);
    }
    await until(() => received().endsWith('}'));
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
    await closed;
  });

  it('takes a body of exactly the limit', async () => {
    const { port } = await serve({ maxBodyBytes: 13 });
    const answer = await fetch(`http://127.0.0.1:${port}${PREDICT}`, { method: 'POST', body: '{"inputs": 1}' });
    expect(answer.status).toBe(200);
  });
});

describe('createNodeHandler when the client goes', () => {
  it('aborts the run', async () => {
    let aborted = false;
    let running = false;
    const { port, server } = await serve(
      {},
      {
        duringRun: (options) => {
          running = true;
          return new Promise((resolve) => {
            options?.signal?.addEventListener('abort', () => {
              aborted = true;
              resolve();
            });
          });
        },
      },
    );
    const { socket } = await open(port);
    socket.write(post('{"inputs": 1}'));
    await until(() => running);
    socket.destroy();
    await until(() => aborted && server.held() === 0);
  });

  it('forgets a request whose body never ends', async () => {
    const { port, server } = await serve();
    const { socket, closed } = await open(port);
    socket.write(post('{"inputs": 1}').slice(0, -3));
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await closed;
    expect(server.held()).toBe(0);
  });
});

describe('createNodeHandler behind a body parser', () => {
  type Parsed = IncomingMessage & { body?: unknown };
  const behind = async (toBody: (bytes: Buffer) => unknown) => {
    const handler = createNodeHandler(fakeModelServer());
    const port = await listen(async (request: Parsed, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      request.body = toBody(Buffer.concat(chunks));
      handler(request, response);
    });
    return (headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}${PREDICT}`, { method: 'POST', body: '{"inputs": 1}', headers });
  };

  it.each([
    ['an object', (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown],
    ['bytes', (bytes: Buffer) => bytes],
    ['text', (bytes: Buffer) => bytes.toString()],
  ])('takes %s, which is inflated already', async (_what, toBody) => {
    const ask = await behind(toBody);
    expect(await (await ask({ 'content-encoding': 'gzip' })).json()).toEqual({ outputs: 2.5 });
  });

  it('finds the body empty where the parser left none', async () => {
    const ask = await behind(() => undefined);
    expect(await (await ask()).json()).toMatchObject({ error: 'JSON Parse error: The document is empty' });
  });

  it('reads the body itself where the parser only left an empty object', async () => {
    const handler = createNodeHandler(fakeModelServer());
    const port = await listen((request: Parsed, response) => {
      request.body = {};
      handler(request, response);
    });
    const answer = await fetch(`http://127.0.0.1:${port}${PREDICT}`, { method: 'POST', body: '{"inputs": 1}' });
    expect(await answer.json()).toEqual({ outputs: 2.5 });
  });
});

describe('large bodies at many connections', () => {
  const large = (bytes: number): string => JSON.stringify({ instances: [1], padding: 'x'.repeat(bytes) });
  const MEBI = 1024 * 1024;

  it('are all answered', async () => {
    const { port } = await serve();
    const url = `http://127.0.0.1:${port}${PREDICT}`;
    const send = async (): Promise<number> => {
      const response = await fetch(url, { method: 'POST', body: large(2 * MEBI) });
      await response.text();
      return response.status;
    };
    expect(await Promise.all(Array.from({ length: 24 }, send))).toEqual(Array<number>(24).fill(200));
  });

  it('are answered although others stall, go, or are refused', async () => {
    const { port } = await serve();
    for (let i = 0; i < 4; i++) (await open(port)).socket.write(post(large(MEBI)).slice(0, 600_000));
    for (let i = 0; i < 4; i++) {
      const { socket } = await open(port);
      socket.write(post(large(MEBI)).slice(0, 600_000), () => socket.destroy());
    }
    for (let i = 0; i < 4; i++) (await open(port)).socket.write(post('x'.repeat(MEBI)));
    const { socket, received } = await open(port);
    socket.write(post(large(MEBI)));
    await until(() => received().endsWith('}'));
    expect(received()).toContain('200 OK');
  });
});
