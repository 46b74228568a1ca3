import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient, paths } from '../../../test-doubles/src/grpc-client.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { type GatedModelServer, gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from './grpc-server.js';
import type { GrpcServerOptions } from './grpc-server-options.js';
import { brokenFraming, connectedSocket, preface, settings } from './http2-frames.test-support.js';

const x = (...values: number[]): NamedTensors =>
  Object.assign(Object.create(null), { x: createTensor('float', [values.length], Float32Array.from(values)) });
const modelSpec = { name: 'double', signatureName: '' };
const request = encodePredictRequestMessage({ modelSpec, inputs: x(21) });

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grpc-server-'));
});

afterAll(() => rm(folder, { recursive: true }));

interface World extends GatedModelServer {
  readonly server: GrpcServer;
  readonly client: GrpcClient;
  answers(client?: GrpcClient): Promise<void>;
}

/** A gated model server behind gRPC, with a client; all of it is closed at the end. */
async function withServer(
  test: (world: World) => Promise<void>,
  options: Partial<GrpcServerOptions> = {},
  gate: Parameters<typeof gatedModelServer>[0] = {},
): Promise<void> {
  const gated = await gatedModelServer(gate);
  const server = await GrpcServer.listen(gated.modelServer, { port: 0, ...options });
  const client = new GrpcClient(`127.0.0.1:${server.port}`);
  const answers = async (asked = client): Promise<void> => {
    const { outputs } = await asked.predict({ modelSpec, inputs: x(21) });
    expect(outputs.y!.data).toEqual(Float32Array.of(42));
  };
  try {
    await test({ ...gated, server, client, answers });
  } finally {
    client.close();
    gated.open();
    await server.close();
    await gated.modelServer.close();
  }
}

describe('GrpcServer.listen', () => {
  it('answers on a TCP port', () => withServer(({ answers }) => answers()));

  it('answers on a unix socket, beside a port or alone', async () => {
    const socketPath = join(folder, 'beside.sock');
    await withServer(
      async ({ answers }) => {
        await answers();
        const client = new GrpcClient(`unix:${socketPath}`);
        await answers(client);
        client.close();
      },
      { socketPath },
    );
    const gated = await gatedModelServer();
    await using alone = await GrpcServer.listen(gated.modelServer, { socketPath });
    expect(alone.port).toBeUndefined();
    const client = new GrpcClient(`unix:${socketPath}`);
    await client.predict({ modelSpec, inputs: x(1) });
    client.close();
    await alone.close();
    await gated.modelServer.close();
  });

  it('replaces a socket without a listener', async () => {
    const socketPath = join(folder, 'stale.sock');
    const holder = createServer().listen(`${socketPath}.live`);
    await once(holder, 'listening');
    await link(`${socketPath}.live`, socketPath);
    holder.close();
    await once(holder, 'close');
    expect((await stat(socketPath)).isSocket()).toBe(true);
    await withServer(
      async ({ answers }) => {
        const client = new GrpcClient(`unix:${socketPath}`);
        await answers(client);
        client.close();
      },
      { socketPath },
    );
  });

  it('takes over a socket in use, whose server goes on with its connections', async () => {
    const gated = await gatedModelServer();
    const socketPath = join(folder, 'in-use.sock');
    const first = await GrpcServer.listen(gated.modelServer, { socketPath });
    const before = new GrpcClient(`unix:${socketPath}`);
    await before.predict({ modelSpec, inputs: x(1) });
    const second = await GrpcServer.listen(gated.modelServer, { socketPath });
    await before.predict({ modelSpec, inputs: x(1) });
    await first.close();
    before.close();
    const after = new GrpcClient(`unix:${socketPath}`);
    await after.predict({ modelSpec, inputs: x(1) });
    after.close();
    await second.close();
    await expect(stat(socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
    await gated.modelServer.close();
  });

  it('leaves a file alone that is in the way of a socket', async () => {
    const gated = await gatedModelServer();
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    await expect(GrpcServer.listen(gated.modelServer, { socketPath: file })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(file),
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
    await gated.modelServer.close();
  });

  it.each<[string, GrpcServerOptions, string]>([
    ['no address', {}, 'gRPC needs a port or a socketPath to listen on'],
    [
      'TLS without a key',
      { port: 0, ssl: { serverKey: '', serverCert: '', customCa: '', clientVerify: false } },
      'SSLConfig: expected server_key and server_cert',
    ],
    [
      'a limit of 0',
      { port: 0, maxConnections: 0 },
      'Option "maxConnections" of GrpcServer.listen() must be a number over 0, or false for no limit, got 0',
    ],
    ['a port that is none', { port: 65_536 }, 'must be a port, an integer between 0 and 65535, got 65536'],
    [
      'a time below 0',
      { port: 0, keepaliveTimeMs: -1 },
      'Option "keepaliveTimeMs" of GrpcServer.listen() must be a number over 0, or false for no limit, got -1',
    ],
  ])('refuses %s', async (_, options, message) => {
    const { modelServer } = await gatedModelServer();
    await expect(GrpcServer.listen(modelServer, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
    await modelServer.close();
  });

  it('refuses a port in use', () =>
    withServer(async ({ server, modelServer }) => {
      await expect(GrpcServer.listen(modelServer, { port: server.port! })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    }));
});

describe('GrpcServer with TLS', () => {
  const pem = (name: string): Promise<string> =>
    readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
  const credentials = async (name?: string): Promise<ChannelCredentials> =>
    ChannelCredentials.createSsl(
      Buffer.from(await pem('authority')),
      name ? Buffer.from(await pem(`${name}-key`)) : null,
      name ? Buffer.from(await pem(name)) : null,
    );
  const ssl = async (clientVerify: boolean): Promise<NonNullable<GrpcServerOptions['ssl']>> => ({
    serverKey: await pem('server-key'),
    serverCert: await pem('server'),
    customCa: await pem('authority'),
    clientVerify,
  });

  it.each<[string, boolean, string | undefined, boolean]>([
    ['a client without a certificate where none is needed', false, undefined, true],
    ['a client with a certificate of the authority', true, 'client', true],
    ['not a client without one where one is needed', true, undefined, false],
    ['not a client of another authority', true, 'stranger', false],
  ])('serves %s', async (_, clientVerify, name, isServed) => {
    await withServer(
      async ({ server, answers }) => {
        const client = new GrpcClient(`localhost:${server.port}`, await credentials(name));
        if (isServed) await answers(client);
        else await expect(client.predict({ modelSpec, inputs: x(1) })).rejects.toMatchObject({ code: 14 });
        client.close();
      },
      { ssl: await ssl(clientVerify) },
    );
  });

  it('keeps a connection in use where further ones are too many', async () => {
    await withServer(
      async ({ server, answers }) => {
        const client = new GrpcClient(`localhost:${server.port}`, await credentials());
        await answers(client);
        const refused = await connectedSocket(server.port!);
        await once(refused, 'end');
        refused.destroy();
        await answers(client);
        client.close();
      },
      { ssl: await ssl(false), maxConnections: 1 },
    );
  });

  it.each([
    ['a key that is not a PEM text', { serverKey: 'key' }, /SSLConfig: /],
    ['a certificate that is missing', { serverCert: undefined }, /Option "serverCert" .* is missing/],
    ['an unknown option', { clientVerfy: true }, /did you mean "clientVerify"/],
    ['a value of another kind', { clientVerify: 'yes' }, /"clientVerify" .* must be true or false, got "yes"/],
  ])('refuses %s', async (_, change, message) => {
    const gated = await gatedModelServer();
    const options = { port: 0, ssl: { ...(await ssl(false)), ...change } } as GrpcServerOptions;
    await expect(GrpcServer.listen(gated.modelServer, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
    await gated.modelServer.close();
  });

  it('takes a key and a certificate alone', async () => {
    const gated = await gatedModelServer();
    const { serverKey, serverCert } = await ssl(false);
    const server = await GrpcServer.listen(gated.modelServer, { port: 0, ssl: { serverKey, serverCert } });
    await server.close();
    await gated.modelServer.close();
  });
});

describe('GrpcServer and what clients send', () => {
  it.each(Object.values(paths).filter((path) => path !== paths.sessionRun))(
    'answers bytes that are not a message of %s with INTERNAL, and goes on',
    (path) =>
      withServer(async ({ client, answers }) => {
        await expect(client.call(path, Uint8Array.of(0x0a, 0x7f, 1))).rejects.toMatchObject({
          code: 13,
          details: expect.stringContaining("Can't parse"),
        });
        await answers();
      }),
  );

  it('answers a request that is too large with RESOURCE_EXHAUSTED, and goes on', () =>
    withServer(
      async ({ client, answers }) => {
        const large = { modelSpec, inputs: x(...new Float32Array(1000)) };
        await expect(client.predict(large)).rejects.toMatchObject({ code: 8 });
        await answers();
      },
      { maxRequestBytes: 1000 },
    ));

  it('takes and gives messages beyond the 4 MiB of other servers', () =>
    withServer(async ({ client }) => {
      const values = new Float32Array(2 ** 21).fill(1);
      const inputs: NamedTensors = Object.assign(Object.create(null), { x: createTensor('float', [2 ** 21], values) });
      const { outputs } = await client.predict({ modelSpec, inputs, asTensorContent: true });
      expect((outputs.y!.data as Float32Array).every((value) => value === 2)).toBe(true);
    }));

  it.each(['/tensorflow.serving.PredictionService/Guess', '/tensorflow.serving.NoService/Predict'])(
    'answers %s with UNIMPLEMENTED, and goes on',
    (path) =>
      withServer(async ({ client, answers }) => {
        await expect(client.call(path, request)).rejects.toMatchObject({ code: 12 });
        await answers();
      }),
  );

  it('answers UNKNOWN when a servable fails with something other than a ServingError', () =>
    withServer(async ({ client, failWith }) => {
      failWith(new TypeError('broken 100 %\n'));
      await expect(client.call(paths.predict, request)).rejects.toMatchObject({ code: 2, details: 'broken 100 %\n' });
    }));

  it('keeps a thousand calls at once apart', () =>
    withServer(
      async ({ client, started, open }) => {
        const calls = Array.from({ length: 1000 }, (_, i) => client.predict({ modelSpec, inputs: x(i) }));
        await started(1000);
        open();
        const answers = await Promise.all(calls);
        expect(answers.map(({ outputs }) => (outputs.y!.data as Float32Array)[0])).toEqual(
          Array.from({ length: 1000 }, (_, i) => 2 * i),
        );
      },
      {},
      { open: false },
    ));
});

describe('GrpcServer and clients that do not wait', () => {
  const aborted = (signal: AbortSignal | undefined): Promise<unknown> =>
    signal!.aborted ? Promise.resolve() : once(signal!, 'abort');

  it('ends a run whose deadline passes', () =>
    withServer(
      async ({ client, started, runs }) => {
        const call = client.call(paths.predict, request, { deadline: Date.now() + 1000 });
        const ended = expect(call).rejects.toMatchObject({ code: 4 });
        await started(1);
        expect(runs[0]!.deadline! - performance.now()).toBeLessThanOrEqual(1000);
        await aborted(runs[0]!.signal);
        await ended;
      },
      {},
      { open: false },
    ));

  it('gives runs no deadline when the client has none', () =>
    withServer(async ({ answers, runs }) => {
      await answers();
      expect(runs[0]!.deadline).toBeUndefined();
    }));

  it('ends a run that is cancelled', () =>
    withServer(
      async ({ client, started, runs }) => {
        const code = new Promise((resolve) => {
          const call = client.start(paths.predict, request, resolve);
          void started(1).then(() => call.cancel());
        });
        await started(1);
        await aborted(runs[0]!.signal);
        expect(await code).toBe(1);
      },
      {},
      { open: false },
    ));

  it('ends a run whose client is gone, and goes on', () =>
    withServer(
      async ({ server, started, runs, open, answers }) => {
        const session = connect(`http://127.0.0.1:${server.port}`);
        session.on('error', () => undefined);
        const stream = session.request({
          ':method': 'POST',
          ':path': paths.predict,
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        stream.on('error', () => undefined);
        stream.end(Buffer.concat([Buffer.of(0, 0, 0, 0, request.length), request]));
        await started(1);
        session.destroy();
        await aborted(runs[0]!.signal);
        open();
        await answers();
      },
      {},
      { open: false },
    ));
});

describe('GrpcServer.close', () => {
  it('answers the calls in flight and accepts no more', () =>
    withServer(
      async ({ server, client, started, open }) => {
        const call = client.predict({ modelSpec, inputs: x(1) });
        await started(1);
        const closed = server.close();
        open();
        expect((await call).outputs.y!.data).toEqual(Float32Array.of(2));
        await closed;
        const late = new GrpcClient(`127.0.0.1:${server.port}`);
        await expect(late.predict({ modelSpec, inputs: x(1) })).rejects.toMatchObject({ code: 14 });
        late.close();
      },
      {},
      { open: false },
    ));

  it('cancels them when the time is over', async () => {
    const clock = new ManualClock();
    await withServer(
      async ({ server, client, started, runs }) => {
        const call = client.predict({ modelSpec, inputs: x(1) });
        const ended = expect(call).rejects.toMatchObject({ code: expect.any(Number) });
        await started(1);
        const closed = server.close({ timeoutMs: 5000 });
        await clock.advance(5000);
        await closed;
        await ended;
        expect(runs[0]!.signal!.aborted).toBe(true);
      },
      { clock },
      { open: false },
    );
  });

  it('does not wait for those who watch the health of models', () =>
    withServer(async ({ server, client }) => {
      const watch = client.watchHealth('double');
      watch.on('error', () => undefined);
      await once(watch, 'data');
      await server.close();
    }));

  it('ends the streams of reflection', () =>
    withServer(async ({ server, client }) => {
      const stream = client.reflect('v1');
      const ended = once(stream, 'end');
      stream.write({ listServices: '*' });
      await once(stream, 'data');
      await server.close();
      await ended;
    }));

  it('ends a connection with its next call once it drains, which is answered, as are those on new ones', () =>
    withServer(async ({ server, answers }) => {
      const session = connect(`http://127.0.0.1:${server.port}`);
      const call = async (): Promise<unknown> => {
        const headers = {
          ':method': 'POST',
          ':path': paths.predict,
          'content-type': 'application/grpc',
          te: 'trailers',
        };
        const stream = session.request(headers);
        stream.end(Buffer.concat([Buffer.of(0, 0, 0, 0, request.length), request]));
        stream.resume();
        const [trailers] = await once(stream, 'trailers');
        return trailers['grpc-status'];
      };
      expect(await call()).toBe('0');
      server.drain();
      const leaving = once(session, 'goaway');
      expect(await call()).toBe('0');
      const [code, lastStream] = await leaving;
      // What the client has sent until it reads this is answered, too.
      expect([code, lastStream]).toEqual([0, 2 ** 31 - 1]);
      await answers();
      session.destroy();
    }));

  it('announces it to clients and answers what they have in flight', () =>
    withServer(
      async ({ server, answers, started, open }) => {
        const session = connect(`http://127.0.0.1:${server.port}`);
        await once(session, 'connect');
        const leaving = once(session, 'goaway');
        const answer = answers();
        await started(1);
        const closed = server.close();
        await leaving;
        open();
        await answer;
        await closed;
      },
      {},
      { open: false },
    ));

  it.each<[string, Buffer]>([
    ['never sent a byte', Buffer.alloc(0)],
    ['have no call', Buffer.concat([preface, settings])],
  ])('does not wait for clients that %s', (_, bytes) =>
    withServer(async ({ server }) => {
      const socket = await connectedSocket(server.port!);
      const heard = bytes.length === 0 ? Promise.resolve() : once(socket, 'data');
      socket.write(bytes);
      await heard;
      socket.once('end', () => socket.destroy());
      await server.close();
    }),
  );

  it('does not wait for a client in the handshake of TLS', async () => {
    const pem = (name: string): Promise<string> =>
      readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
    const ssl = {
      serverKey: await pem('server-key'),
      serverCert: await pem('server'),
      customCa: '',
      clientVerify: false,
    };
    const { modelServer } = await gatedModelServer();
    const server = await GrpcServer.listen(modelServer, { port: 0, ssl });
    const socket = await connectedSocket(server.port!);
    await server.close();
    socket.destroy();
    await modelServer.close();
  });

  it('closes the connection of a client that keeps its side open', async () => {
    const clock = new ManualClock();
    await withServer(
      async ({ server }) => {
        const socket = await connectedSocket(server.port!);
        const heard = once(socket, 'data');
        socket.write(Buffer.concat([preface, settings]));
        await heard;
        const ended = once(socket, 'end');
        const closed = server.close();
        await ended;
        await clock.advance(10_000);
        await closed;
        socket.destroy();
      },
      { clock },
    );
  });

  it('gives up half a request when the time is over', async () => {
    const clock = new ManualClock();
    await withServer(
      async ({ server }) => {
        const session = connect(`http://127.0.0.1:${server.port}`);
        session.on('error', () => undefined);
        const stream = session.request({
          ':method': 'POST',
          ':path': paths.predict,
          'content-type': 'application/grpc',
        });
        stream.on('error', () => undefined);
        stream.write(Buffer.of(0, 0, 0, 0, 100, 1, 2, 3));
        const leaving = once(session, 'goaway');
        await once(session, 'remoteSettings');
        const closed = server.close({ timeoutMs: 5000 });
        await leaving;
        await clock.advance(5000);
        await closed;
        session.destroy();
      },
      { clock },
    );
  });
});

describe('GrpcServer and connections', () => {
  const openSockets = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;

  it('closes those that break the framing of HTTP/2, and has no more open than before', () =>
    withServer(
      async ({ server, answers }) => {
        await answers();
        const before = openSockets();
        await Promise.all(
          Array.from({ length: 60 }, async () => {
            const socket = await connectedSocket(server.port!);
            const ended = once(socket, 'end');
            socket.write(brokenFraming);
            await ended;
            socket.destroy();
          }),
        );
        await expect.poll(openSockets).toBeLessThanOrEqual(before);
        await answers();
      },
      { keepaliveTimeMs: 20, keepaliveTimeoutMs: 1000 },
    ));

  it('closes those whose client does not answer pings', () =>
    withServer(
      async ({ server }) => {
        const socket = await connectedSocket(server.port!);
        const ended = once(socket, 'end');
        socket.write(Buffer.concat([preface, settings]));
        await ended;
        socket.destroy();
      },
      { keepaliveTimeMs: 20, keepaliveTimeoutMs: 20 },
    ));

  it('closes those without calls', () =>
    withServer(
      async ({ server, answers }) => {
        const session = connect(`http://127.0.0.1:${server.port}`);
        await Promise.all([once(session, 'goaway'), once(session, 'close')]);
        await answers();
      },
      { maxConnectionIdleMs: 20 },
    ));

  it('tells clients how many calls they may have at once', () =>
    withServer(
      async ({ server }) => {
        const session = connect(`http://127.0.0.1:${server.port}`);
        const [settingsOfServer] = await once(session, 'remoteSettings');
        expect(settingsOfServer).toMatchObject({ maxConcurrentStreams: 7 });
        session.destroy();
      },
      { maxConcurrentStreams: 7 },
    ));

  it('closes those beyond the limit, and serves the others', () =>
    withServer(
      async ({ server, answers }) => {
        await answers();
        const socket = await connectedSocket(server.port!);
        await once(socket, 'end');
        socket.destroy();
        await answers();
      },
      { maxConnections: 1 },
    ));

  it('listens on every address of a host', () =>
    withServer(
      async ({ server }) => {
        for (const { address } of await lookup('localhost', { all: true })) {
          const host = address.includes(':') ? `[${address}]` : address;
          const session = connect(`http://${host}:${server.port}`);
          await once(session, 'connect');
          session.destroy();
        }
      },
      { host: 'localhost' },
    ));
});
