import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { fakeModelServer } from '../rest/fake-model-server.test-support.js';
import { post, RawClient, until } from './raw-client.test-support.js';
import { RestServer } from './rest-server.js';
import type { RestServerOptions } from './rest-server-options.js';
import { tlsTexts } from './tls.test-support.js';

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

  it('when closed answers what is in flight, takes nothing new, and closes kept connections', async () => {
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
    while (await fetch(`http://127.0.0.1:${port}/v1/models/half`).catch(() => undefined));
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

describe('RestServer with connections that misbehave', () => {
  /** Resolves when the server has seen what clients did before. */
  const roundTrip = async ({ port }: RestServer): Promise<void> => {
    for (let i = 0; i < 3; i++) expect((await fetch(`http://127.0.0.1:${port}/v1/models/half`)).status).toBe(200);
  };

  it.each([
    ['CONNECT', 'CONNECT host:80 HTTP/1.1\r\n\r\n'],
    ['a broken request', 'GET / HTTX/1.1\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['half a request', 'POST /v1/models/half:predict HTTP/1.1\r\nContent-Length: 10\r\n\r\n{'],
    ['nothing', ''],
  ])('goes on after %s and a reset', async (_what, text) => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    const early = await RawClient.open(server.port);
    early.socket.write(text, () => early.socket.resetAndDestroy());
    const late = await RawClient.open(server.port);
    late.socket.write(text);
    await roundTrip(server);
    late.socket.resetAndDestroy();
    await roundTrip(server);
  });

  it('closes a connection after its page, whatever the client still sends', async () => {
    const clock = new ManualClock();
    await using server = await RestServer.listen(fakeModelServer(), { port: 0, clock });
    using client = await RawClient.open(server.port);
    client.socket.removeAllListeners('end');
    client.socket.write('GET / HTTX/1.1\r\n\r\n');
    await client.receive(/<TITLE>400 /);
    client.socket.write('and more\r\n\r\n');
    await roundTrip(server);
    await clock.advance(1000);
    while (client.socket.writable) {
      client.socket.write('still there?');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.received.match(/<TITLE>/g)).toHaveLength(1);
  });

  it.each([
    ['over http', {}],
    ['over https', { tls: tlsTexts }],
  ])('answers a client that has closed its side, %s', async (_scheme, options: Partial<RestServerOptions>) => {
    const { promise: mayFinish, resolve: finish } = deferred();
    let isRunning = false;
    const duringRun = (): Promise<void> => {
      isRunning = true;
      return mayFinish;
    };
    await using server = await RestServer.listen(fakeModelServer({ duringRun }), { port: 0, ...options });
    using client = await RawClient.open(server.port, { tls: 'tls' in options });
    client.socket.end(post('{"inputs": 1}'));
    await until(() => isRunning);
    using other = await RawClient.open(server.port, { tls: 'tls' in options });
    other.socket.write('GET /v1/models/half HTTP/1.1\r\n\r\n');
    await other.receive(/AVAILABLE/);
    finish();
    await client.receive(/2\.5/);
    expect(await client.closed).toBe('end');
  });

  it('answers headers over the limit with 431', async () => {
    await using server = await RestServer.listen(fakeModelServer(), { port: 0 });
    const answer = await raw(server.port, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n[\s\S]*<TITLE>431 /);
  });

  it('keeps a connection for 75 seconds, or as long as its option says', async () => {
    const keptFor = async (options: Partial<RestServerOptions>): Promise<string | null> => {
      await using server = await RestServer.listen(fakeModelServer(), { port: 0, ...options });
      return (await fetch(`http://127.0.0.1:${server.port}/v1/models/half`)).headers.get('keep-alive');
    };
    expect(await keptFor({})).toBe('timeout=75');
    expect(await keptFor({ keepAliveTimeoutMs: 10_000 })).toBe('timeout=10');
    expect(await keptFor({ keepAliveTimeoutMs: false })).toBe(null);
  });

  it.each([
    'keepAliveTimeoutMs',
    'requestStallTimeoutMs',
    'responseStallTimeoutMs',
    'maxConnections',
    'maxUnsentBytes',
  ])('refuses a %s of zero', async (name) => {
    await expect(RestServer.listen(fakeModelServer(), { port: 0, [name]: 0 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `Option "${name}" of the REST API must be a number over 0, or false for no limit, got 0`,
    });
  });
});

describe('RestServer with clients that hold connections', () => {
  it('answers an upload that stalls with 408, and one that goes on', async () => {
    const clock = new ManualClock();
    await using server = await RestServer.listen(fakeModelServer(), { port: 0, clock });
    using stalled = await RawClient.open(server.port);
    using slow = await RawClient.open(server.port);
    const text = post('{"inputs": 1}');
    const arrived = async (): Promise<void> => {
      using probe = await RawClient.open(server.port);
      probe.socket.write('GET /v1/models/half HTTP/1.1\r\n\r\n');
      await probe.receive(/AVAILABLE/);
    };
    for (const { socket } of [stalled, slow]) socket.write(text.slice(0, -4));
    await arrived();
    await clock.advance(20_000);
    slow.socket.write(text.slice(-4, -2));
    await arrived();
    await clock.advance(11_000);
    expect(await stalled.receive(/<TITLE>408 /)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*Connection: close/);
    await stalled.closed;
    slow.socket.write(text.slice(-2));
    await slow.receive(/2\.5/);
  });

  it('closes the connection of a client that does not read its answer, and not of one that reads slowly or waits', async () => {
    const clock = new ManualClock();
    let isRunning = false;
    const duringRun = (): Promise<void> => {
      isRunning = true;
      return new Promise(() => undefined);
    };
    await using server = await RestServer.listen(fakeModelServer({ duringRun }), {
      port: 0,
      clock,
      metrics: { metrics: () => 'x'.repeat(64_000_000) },
    });
    const page = 'GET /monitoring/prometheus/metrics HTTP/1.1\r\n\r\n';
    using waiting = await RawClient.open(server.port);
    waiting.socket.write(post('{"inputs": 1}'));
    await until(() => isRunning);
    using stalled = await RawClient.open(server.port);
    using slow = await RawClient.open(server.port);
    for (const { socket } of [stalled, slow]) {
      socket.pause();
      socket.write(page);
    }
    await clock.advance(2000);
    for (let i = 0; i < 20; i++) {
      await clock.advance(2000);
      const before = slow.socket.bytesRead;
      slow.socket.resume();
      await until(() => slow.socket.bytesRead > before + 2_000_000);
      slow.socket.pause();
    }
    stalled.socket.resume();
    await stalled.closed;
    expect(stalled.received.length).toBeLessThan(64_000_000);
    slow.socket.resume();
    await until(() => slow.received.length > 64_000_000);
    expect(waiting.socket.readyState).toBe('open');
    const closed = server.close({ timeoutMs: 0 });
    await clock.advance(0);
    await closed;
  });

  it('closes those that have taken nothing the longest when too much waits for clients', async () => {
    const clock = new ManualClock();
    await using server = await RestServer.listen(fakeModelServer(), {
      port: 0,
      clock,
      maxUnsentBytes: 40_000_000,
      metrics: { metrics: () => 'x'.repeat(30_000_000) },
    });
    const ask = async (): Promise<RawClient> => {
      const client = await RawClient.open(server.port);
      client.socket.write('GET /monitoring/prometheus/metrics HTTP/1.1\r\n\r\n');
      await client.receive(/x/);
      client.socket.pause();
      return client;
    };
    using first = await ask();
    await clock.advance(1000);
    using second = await ask();
    await clock.advance(1000);
    first.socket.resume();
    await first.closed;
    second.socket.resume();
    await until(() => second.received.length > 30_000_000);
    expect(first.received.length).toBeLessThan(30_000_000);
  });

  it('with too many connections closes the one that has been idle the longest, or the new one when all are busy', async () => {
    const clock = new ManualClock();
    let runs = 0;
    const duringRun = (): Promise<void> => {
      runs += 1;
      return new Promise(() => undefined);
    };
    const server = await RestServer.listen(fakeModelServer({ duringRun }), { port: 0, clock, maxConnections: 2 });
    using silent = await RawClient.open(server.port);
    using kept = await RawClient.open(server.port);
    await clock.advance(2000);
    kept.socket.write('GET /v1/models/half HTTP/1.1\r\n\r\n');
    await kept.receive(/AVAILABLE/);
    await clock.advance(2000);
    using third = await RawClient.open(server.port);
    await silent.closed;
    third.socket.write(post('{"inputs": 1}'));
    kept.socket.write(post('{"inputs": 1}'));
    await until(() => runs === 2);
    using fourth = await RawClient.open(server.port);
    await fourth.closed;
    expect([kept, third].map(({ socket }) => socket.readyState)).toEqual(['open', 'open']);
    const closed = server.close({ timeoutMs: 0 });
    await clock.advance(0);
    await closed;
  });
});

function deferred() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
