import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { createHealthHandler } from '../operations/health-handler.js';
import { type FakeModelServerOptions, fakeModelServer } from '../rest/fake-model-server.test-support.js';
import { type DrainOptions, drain } from './drain.js';
import { createNodeHandler } from './node-handler.js';
import { post, RawClient, until } from './raw-client.test-support.js';
import { RestServer } from './rest-server.js';
import { tlsTexts } from './tls.test-support.js';

const listeners: http.Server[] = [];
const clients: RawClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
  for (const listener of listeners.splice(0)) {
    listener.close();
    listener.closeAllConnections();
  }
});

/** What the model server was told, and the state that health reports. */
class Models {
  readonly told: string[] = [];
  readonly server;
  constructor(options: FakeModelServerOptions) {
    this.server = Object.assign(fakeModelServer(options), {
      state: 'serving' as 'serving' | 'draining',
      drain: () => {
        this.told.push('drain');
        this.server.state = 'draining';
      },
      close: async ({ timeoutMs }: { timeoutMs?: number } = {}) => {
        this.told.push(`close ${timeoutMs}`);
      },
    });
  }
}

interface HostOptions extends FakeModelServerOptions {
  readonly tls?: boolean;
  /** The host's own routes. */
  readonly route?: http.RequestListener;
}

async function host({ tls, route, ...fake }: HostOptions = {}) {
  const models = new Models(fake);
  const handler = createNodeHandler(models.server, { healthPath: '/health' });
  const onRequest: http.RequestListener = (request, response) =>
    handler(request, response, () => (route ? route(request, response) : response.end('host')));
  const listener = tls ? https.createServer(tlsTexts, onRequest) : http.createServer(onRequest);
  listeners.push(listener);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const clock = new ManualClock();
  let isOver = false;
  return {
    models,
    listener,
    clock,
    isOver: () => isOver,
    begin(options: DrainOptions = {}) {
      const drained = drain(listener, models.server, { clock, ...options });
      return drained.then(() => {
        isOver = true;
      });
    },
    async open(): Promise<RawClient> {
      const client = await RawClient.open(port, { tls: tls ?? false });
      clients.push(client);
      return client;
    },
    /** Lets the drain delay pass; resolves when the listener is closed. */
    async stopListening(ms = 1000) {
      await clock.advance(ms);
      await until(() => !listener.listening);
    },
  };
}

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe.each([
  ['http', false],
  ['https', true],
])('drain of a listener of node:%s', (_name, tls) => {
  it('turns readiness false and answers with "Connection: close", on kept and new connections, for the drain delay', async () => {
    const { models, open, begin, clock, stopListening } = await host({ tls });
    const kept = await open();
    kept.socket.write(post('{"inputs": 1}'));
    expect(await kept.receive(/2\.5/)).not.toMatch(/Connection: close/i);
    const drained = begin();
    await clock.advance(999);
    kept.socket.write(post('{"inputs": 2}'));
    const fresh = await open();
    fresh.socket.write('GET /health/ready HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await fresh.receive(/draining/)).toMatch(/^HTTP\/1.1 503 [\s\S]*Connection: close/i);
    expect(await kept.receive(/3\.0/)).toMatch(/Connection: close/i);
    expect(await kept.closed).toBe('end');
    expect(await fresh.closed).toBe('end');
    expect(models.told).toEqual(['drain']);
    await stopListening(1);
    await drained;
    expect(models.told).toEqual(['drain', 'close 24000']);
  });

  it('answers what is in flight, with "Connection: close", and closes the connection when the answer is flushed', async () => {
    const { open: answer, opened } = gate();
    const size = 13_000_000;
    let isAsked = false;
    const route: http.RequestListener = (_request, response) => {
      isAsked = true;
      void opened.then(() => response.end(Buffer.alloc(size, 'x')));
    };
    const { open, begin, stopListening, isOver } = await host({ tls, route });
    const client = await open();
    client.socket.write('GET /own HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => isAsked);
    client.socket.pause();
    const drained = begin();
    await stopListening();
    answer();
    await settle();
    expect(isOver()).toBe(false);
    client.socket.resume();
    await drained;
    expect(await client.closed).toBe('end');
    expect(client.received).toMatch(/Connection: close/i);
    expect(client.received.length - client.received.indexOf('\r\n\r\n') - 4).toBe(size);
  });

  it('does not cut an answer that was written, but not flushed, when the listener closed', async () => {
    const size = 13_000_000;
    const written = gate();
    const route: http.RequestListener = (_request, response) => {
      response.end(Buffer.alloc(size, 'x'));
      written.open();
    };
    const { open, begin, stopListening } = await host({ tls, route });
    const client = await open();
    client.socket.pause();
    client.socket.write('GET /own HTTP/1.1\r\nHost: h\r\n\r\n');
    await written.opened;
    const drained = begin();
    await stopListening();
    client.socket.resume();
    await drained;
    expect(await client.closed).toBe('end');
    expect(client.received.length - client.received.indexOf('\r\n\r\n') - 4).toBe(size);
  });

  it('closes connections on which no byte came, silent and kept ones', async () => {
    const { open, begin, stopListening } = await host({ tls });
    const silent = await open();
    const kept = await open();
    kept.socket.write(post('{"inputs": 1}'));
    await kept.receive(/2\.5/);
    const drained = begin();
    await stopListening();
    await drained;
    expect(await silent.closed).toBe('end');
    expect(await kept.closed).toBe('end');
  });

  it('gives half requests five seconds', async () => {
    const { open, begin, stopListening, clock } = await host({ tls });
    const halves = await Promise.all([open(), open(), open(), open()]);
    const [headers, body, lateHeaders, lateBody] = halves as [RawClient, RawClient, RawClient, RawClient];
    const text = post('{"inputs": 1}');
    const drained = begin();
    for (const client of [headers, lateHeaders]) client.socket.write(text.slice(0, 20));
    for (const client of [body, lateBody]) client.socket.write(text.slice(0, -4));
    // What comes on another connection was sent later.
    const probe = await open();
    probe.socket.write(post('{"inputs": 2}'));
    await probe.receive(/3\.0/);
    await stopListening();
    await clock.advance(4999);
    headers.socket.write(text.slice(20));
    body.socket.write(text.slice(-4));
    expect(await headers.receive(/2\.5/)).toMatch(/Connection: close/i);
    expect(await body.receive(/2\.5/)).toMatch(/Connection: close/i);
    await clock.advance(1);
    await drained;
    await Promise.all(halves.map(({ closed }) => closed));
    expect(lateHeaders.received + lateBody.received).toBe('');
  });
});

describe('drain', () => {
  it('gives up what is in flight when its time is over', async () => {
    let isRunning = false;
    const duringRun = (): Promise<void> => {
      isRunning = true;
      return new Promise(() => undefined);
    };
    const { open, begin, stopListening, clock, models } = await host({ duringRun });
    const client = await open();
    client.socket.write(post('{"inputs": 1}'));
    await until(() => isRunning);
    const drained = begin({ timeoutMs: 20_000 });
    await stopListening();
    await clock.advance(19_000);
    await drained;
    await client.closed;
    expect(models.told).toEqual(['drain', 'close 0']);
  });

  it('answers the connections that the system has queued when it stops listening', async () => {
    const { listener, begin } = await host();
    const { port } = listener.address() as AddressInfo;
    const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
    const answers = sockets.map(async (socket) => {
      socket.write(post('{"inputs": 1}'));
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text;
    });
    // Not one of them is accepted before this turn of the event loop is over.
    const drained = begin({ drainDelayMs: false });
    for (const answer of await Promise.all(answers))
      expect(answer).toMatch(/200 OK[\s\S]*Connection: close[\s\S]*2\.5/i);
    await drained;
  });

  it('answers pipelined requests before it closes their connection', async () => {
    const { open: answer, opened } = gate();
    let runs = 0;
    const duringRun = (): Promise<void> => {
      runs += 1;
      return opened;
    };
    const { open, begin, stopListening } = await host({ duringRun });
    const client = await open();
    client.socket.write(post('{"inputs": 1}') + post('{"inputs": 2}'));
    await until(() => runs === 2);
    const drained = begin();
    client.socket.write(post('{"inputs": 3}') + post('{"inputs": 4}'));
    await until(() => runs === 4);
    await stopListening();
    answer();
    await drained;
    expect(await client.closed).toBe('end');
    expect(client.received.match(/"outputs": [\d.]+/g)).toEqual(
      [2.5, 3, 3.5, 4].map((y) => `"outputs": ${y.toFixed(1)}`),
    );
  });

  it('closes at once without a drain delay', async () => {
    const { begin, models, open } = await host();
    const silent = await open();
    await begin({ drainDelayMs: false, timeoutMs: false });
    expect(await silent.closed).toBe('end');
    expect(models.told).toEqual(['drain', 'close undefined']);
  });

  it('takes a RestServer, several listeners, and any server that has a close of its own', async () => {
    const models = new Models({});
    const rest = await RestServer.listen(models.server, { port: 0, healthPath: '/health' });
    const other = http2.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const told: string[] = [];
    const own = { drain: () => told.push('drain'), close: async () => void told.push('close') };
    const clock = new ManualClock();
    const drained = drain([rest, other, own], models.server, { clock, timeoutMs: false });
    const url = `http://127.0.0.1:${rest.port}`;
    const answer = await fetch(`${url}/health/ready`);
    expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
    await clock.advance(1000);
    await drained;
    await expect(fetch(`${url}/health/ready`)).rejects.toThrow('fetch failed');
    expect([told, other.listening]).toEqual([['drain', 'close'], false]);
    expect(models.told).toEqual(['drain', 'close undefined']);
  });

  it.each<[string, (models: Models, listener: http.Server) => unknown]>([
    [
      'Unknown option "drainDelay" of drain(): did you mean "drainDelayMs"? Options: drainDelayMs, timeoutMs, clock',
      ({ server }, listener) => drain(listener, server, { drainDelay: 1 } as object),
    ],
    [
      'Unknown option "timeout" of RestServer.close(): did you mean "timeoutMs"? Options: timeoutMs',
      async ({ server }) => {
        await using rest = await RestServer.listen(server, { port: 0 });
        await rest.close({ timeout: 1 } as object);
      },
    ],
    [
      'Unknown option "paths" of createHealthHandler(): did you mean "path"? Options: path',
      ({ server }) => createHealthHandler(() => server, { paths: '/x' } as object),
    ],
    [
      'createHealthHandler() needs a function that returns the model server, such as () => server (got object)',
      ({ server }) => createHealthHandler(server as never),
    ],
  ])('refuses what it can not use: %s', async (message, ask) => {
    const { models, listener } = await host();
    await expect((async () => ask(models, listener))()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    expect(models.told).toEqual([]);
  });

  it.each<[string, (server: unknown, listener: unknown) => [unknown, unknown]]>([
    [
      'a model server, as ModelServer.start resolves with, got a promise: await it first',
      (server, listener) => [listener, Promise.resolve(server)],
    ],
    ['a model server, as ModelServer.start resolves with, got undefined', (_, listener) => [listener, undefined]],
    [
      'a listener, as app.listen(…) returns, got a promise: await it first',
      (server, listener) => [Promise.resolve(listener), server],
    ],
    ['a listener, as app.listen(…) returns, got a value without close()', (server) => [() => undefined, server]],
    ['a listener, as app.listen(…) returns, got undefined', (server) => [undefined, server]],
  ])('refuses what it can not close, and leaves the listener open: drain() needs %s', async (needs, given) => {
    const { models, listener } = await host();
    const [badListener, badServer] = given(models.server, listener);
    await expect(drain(badListener as http.Server, badServer as typeof models.server)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `drain() needs ${needs}`,
    });
    expect([models.told, listener.listening]).toEqual([[], true]);
  });

  it.each([
    ['drainDelayMs', -1],
    ['timeoutMs', Number.NaN],
  ])('refuses a %s of %d', async (name, value) => {
    const { begin, models } = await host();
    await expect(begin({ [name]: value })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `Option "${name}" of drain() must be milliseconds from 0, or false, got ${value}`,
    });
    expect(models.told).toEqual([]);
  });
});
