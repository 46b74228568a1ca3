/** Connections whose sessions are broken, and those beyond the limit: time is the clock's, and no keepalive helps. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paths } from '../../../test-doubles/src/grpc-client.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { type GatedModelServer, gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from './grpc-server.js';
import { breakingFrames, connectedSocket, frame, openCall, preface, settings } from './http2-frames.test-support.js';

let clock: ManualClock;
let gated: GatedModelServer;
let server: GrpcServer;

beforeEach(async () => {
  clock = new ManualClock();
  gated = await gatedModelServer();
});

afterEach(async () => {
  gated.open();
  const closed = server.close({ timeoutMs: 1 });
  await clock.advance(10_000);
  await closed;
  await gated.modelServer.close();
});

/** Runs wait for `gated.open()`. */
async function closeGate(): Promise<void> {
  await gated.modelServer.close();
  gated = await gatedModelServer({ open: false });
}

/** Without what would close connections in real time. */
async function listen(maxConnections = 100): Promise<void> {
  const unlimited = { keepaliveTimeMs: false, maxConnectionIdleMs: false } as const;
  server = await GrpcServer.listen(gated.modelServer, { port: 0, clock, maxConnections, ...unlimited });
}

/** The server's end of a connection through it is paused by hand. */
async function proxyTo(
  port: number,
): Promise<{ readonly port: number; readonly toServer: Socket; toClient(): Socket; close(): void }> {
  const toServer = connectTcp(port, '127.0.0.1');
  let toClient: Socket | undefined;
  const proxy = createServer((client) => {
    for (const socket of [client, toServer]) socket.on('error', () => undefined);
    client.pipe(toServer).pipe(client);
    toClient = client;
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    toServer,
    toClient: () => toClient!,
    close: () => proxy.close(),
  };
}

/** A client by hand, which answers pings. */
async function rawClient(): Promise<{ readonly socket: Socket; received(type: number): Promise<void> }> {
  const socket = await connectedSocket(server.port!);
  const types = new Set<number>();
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      types.add(rest[3]!);
      if (rest[3] === PING && rest[4] === 0) socket.write(frame(PING, 1, 0, rest.subarray(9, end)));
      rest = rest.subarray(end);
    }
    socket.emit('frames');
  });
  const received = async (type: number): Promise<void> => {
    while (!types.has(type)) await once(socket, 'frames');
  };
  return { socket, received };
}

const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;

/** Sends these bytes and waits until the server has answered with GOAWAY. */
async function breakSession(...frames: readonly Buffer[]): Promise<Socket> {
  const { socket, received } = await rawClient();
  socket.write(Buffer.concat([preface, settings, ...frames]));
  await received(GOAWAY);
  return socket;
}

const ended = (socket: Socket): Promise<unknown> => (socket.readableEnded ? Promise.resolve() : once(socket, 'end'));

async function predict(session: ClientHttp2Session, values = 1): Promise<number> {
  const x = createTensor('float', [values], new Float32Array(values));
  const message = encodePredictRequestMessage({ modelSpec: { name: 'double', signatureName: '' }, inputs: { x } });
  const stream = session.request({
    ':method': 'POST',
    ':path': paths.predict,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([header, message]));
  let received = 0;
  for await (const chunk of stream) received += chunk.length;
  return received;
}

async function session(): Promise<ClientHttp2Session> {
  const found = connect(`http://127.0.0.1:${server.port}`);
  found.on('error', () => undefined);
  await once(found, 'remoteSettings');
  return found;
}

describe('a broken session', () => {
  it.each(Object.entries(breakingFrames))('is closed at once after %s', async (_name, bytes) => {
    await listen();
    const socket = await breakSession(bytes);
    await ended(socket);
    socket.destroy();
  });

  it('is closed although a call is open on it', async () => {
    await listen();
    const socket = await breakSession(openCall(1, paths.predict), breakingFrames['SETTINGS of one byte']);
    await ended(socket);
    socket.destroy();
  });

  it('is closed although it worked for a minute', async () => {
    await listen();
    const { socket, received } = await rawClient();
    socket.write(Buffer.concat([preface, settings]));
    await received(SETTINGS);
    await clock.advance(60_000);
    socket.write(breakingFrames['SETTINGS of one byte']);
    await received(GOAWAY);
    await ended(socket);
    socket.destroy();
  });
});

describe('a session that works', () => {
  it('is kept for an hour without a call, and is asked nothing', async () => {
    await listen();
    const client = await session();
    const onPing = vi.fn();
    client.on('ping', onPing);
    for (let minute = 0; minute < 60; minute += 1) await clock.advance(60_000);
    expect(await predict(client)).toBeGreaterThan(0);
    expect(onPing).not.toHaveBeenCalled();
    client.destroy();
  });

  it('is kept while its client does not read a large answer', async () => {
    await closeGate();
    await listen();
    const { port, toServer, toClient, close } = await proxyTo(server.port!);
    const client = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 2 ** 31 - 1 } });
    client.on('error', () => undefined);
    await once(client, 'remoteSettings');
    client.setLocalWindowSize(2 ** 31 - 1);
    const received = predict(client, 8_000_000).catch(() => 0);
    await gated.started(1);
    toServer.unpipe();
    toServer.pause();
    gated.open();
    for (let second = 0; second < 60; second += 1) await clock.advance(1000);
    expect(toServer.readableEnded).toBe(false);
    toServer.pipe(toClient());
    expect(await received).toBeGreaterThan(32_000_000);
    client.destroy();
    close();
  });
});

describe('a connection beyond the limit', () => {
  it('takes the place of a broken one, and then of others without a call', async () => {
    await listen(2);
    const used = await session();
    await predict(used);
    const broken = await breakSession(breakingFrames['the header of index 0']);
    await clock.advance(1000);
    const unused = await session();
    await ended(broken);
    await clock.advance(1000);
    const closed = once(unused, 'close');
    const next = await session();
    await closed;
    expect(await predict(next)).toBeGreaterThan(0);
    expect(await predict(used)).toBeGreaterThan(0);
    for (const client of [used, next]) client.destroy();
    broken.destroy();
  });

  it('takes the place of the one without a call for longest, ten seconds after it', async () => {
    await listen(2);
    const [first, second] = [await session(), await session()];
    await predict(second);
    await predict(first);
    const early = await connectedSocket(server.port!);
    await ended(early);
    await clock.advance(10_000);
    const closed = once(second, 'close');
    const third = await session();
    await closed;
    expect(await predict(third)).toBeGreaterThan(0);
    expect(await predict(first)).toBeGreaterThan(0);
    for (const client of [first, third]) client.destroy();
  });

  it('is closed when all have calls in flight', async () => {
    await closeGate();
    await listen(1);
    const client = await session();
    const answer = predict(client);
    await gated.started(1);
    await clock.advance(600_000);
    const refused = await connectedSocket(server.port!);
    await ended(refused);
    gated.open();
    expect(await answer).toBeGreaterThan(0);
    client.destroy();
  });
});
