import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { connectedSocket, preface } from './http2-frames.test-support.js';
import { type GrpcConnectionLimits, ServerConnections } from './server-connections.js';

let server: Server;
let clock: ManualClock;
let connections: ServerConnections;
let onServed: (socket: Socket) => void;
const clients: Socket[] = [];

beforeEach(async () => {
  clock = new ManualClock();
  onServed = () => undefined;
  server = createServer((socket) => connections.accept(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  limitTo({});
});

afterEach(async () => {
  connections.destroy();
  for (const client of clients.splice(0)) client.destroy();
  server.close();
  await once(server, 'close');
});

function limitTo(limits: Partial<GrpcConnectionLimits>): void {
  connections = new ServerConnections(
    { transport: { serve: (socket) => onServed(socket) } },
    { maxConnections: 100, handshakeTimeoutMs: 20_000, ...limits },
    clock,
  );
}

/** A client that keeps its side open, and the server's socket. */
async function pair(): Promise<{ client: Socket; socket: Socket }> {
  const served = new Promise<Socket>((resolve) => {
    onServed = (socket) => {
      // As HTTP/2 reads it.
      socket.resume();
      resolve(socket);
    };
  });
  const client = await connectedSocket((server.address() as AddressInfo).port);
  clients.push(client);
  return { client, socket: await served };
}

describe('ServerConnections', () => {
  it('closes a connection that does not begin with HTTP/2 in time', async () => {
    const { socket } = await pair();
    const closed = once(socket, 'close');
    await clock.advance(15_000);
    expect(socket.destroyed).toBe(false);
    await clock.advance(5000);
    await closed;
    expect(connections.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps a connection that begins with HTTP/2, however long it is open', async () => {
    const { client, socket } = await pair();
    const received = once(socket, 'data');
    client.write(preface);
    await received;
    await clock.advance(3_600_000);
    expect(socket.destroyed).toBe(false);
  });

  it('keeps a silent connection when it has no limit', async () => {
    limitTo({ handshakeTimeoutMs: Number.POSITIVE_INFINITY });
    const { socket } = await pair();
    await clock.advance(3_600_000);
    expect(socket.destroyed).toBe(false);
  });

  it('closes a connection that was ended and whose client does not close its side', async () => {
    const { client, socket } = await pair();
    const received = once(socket, 'data');
    client.write(preface);
    await received;
    const closed = once(socket, 'close');
    socket.end();
    await once(client, 'end');
    await clock.advance(5000);
    expect(socket.destroyed).toBe(false);
    await clock.advance(5000);
    await closed;
    expect(connections.size).toBe(0);
  });

  /** A pair whose client has begun. */
  async function begun(): ReturnType<typeof pair> {
    const found = await pair();
    const received = once(found.socket, 'data');
    found.client.write(preface);
    await received;
    return found;
  }

  it('closes connections beyond the limit at once, and takes others when one is closed', async () => {
    limitTo({ maxConnections: 2 });
    const first = await begun();
    await begun();
    const refused = connect((server.address() as AddressInfo).port, '127.0.0.1');
    refused.on('error', () => undefined);
    refused.resume();
    await once(refused, 'close');
    expect(connections.size).toBe(2);
    const closed = once(first.socket, 'close');
    first.client.destroy();
    await closed;
    await begun();
    expect(connections.size).toBe(2);
  });

  it('gives the place of the first silent connection to one beyond the limit', async () => {
    limitTo({ maxConnections: 3 });
    const speaking = await begun();
    const firstSilent = await pair();
    const secondSilent = await pair();
    const closed = once(firstSilent.socket, 'close');
    await begun();
    await closed;
    expect(connections.size).toBe(3);
    expect(speaking.socket.destroyed).toBe(false);
    expect(secondSilent.socket.destroyed).toBe(false);
  });

  it('passes over errors of sockets', async () => {
    const { socket } = await pair();
    const closed = once(socket, 'close').catch(() => undefined);
    socket.destroy(new Error('reset'));
    await closed;
  });

  it('closes connections without a byte when told to, and leaves the others and those just accepted', async () => {
    const silent = await pair();
    const speaking = await begun();
    await clock.advance(1000);
    const young = await pair();
    const closed = once(silent.socket, 'close');
    const silentClosed = connections.closeSilent();
    await closed;
    expect(speaking.socket.destroyed).toBe(false);
    expect(young.socket.destroyed).toBe(false);
    const received = once(young.socket, 'data');
    young.client.write(preface);
    await received;
    await clock.advance(50);
    await silentClosed;
    expect(young.socket.destroyed).toBe(false);
    const allClosed = connections.whenClosed();
    speaking.socket.destroy();
    young.socket.destroy();
    await allClosed;
  });
});
