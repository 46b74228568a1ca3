import { once } from 'node:events';
import { createServer, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as support from '../../../engine/src/native/thread-support.js';
import { startFixtureServer } from '../../../test-doubles/src/fixture-server.js';
import { RestServer } from '../node/rest-server.js';
import { tlsTexts } from '../node/tls.test-support.js';
import { acceptHttpBursts } from './accept-http-bursts.js';
import { type HttpServer, openConnections, trackConnections } from './open-connections.js';

const REQUEST = 'GET /v1/models/half_plus_two HTTP/1.1\r\nHost: a\r\n\r\n';

/** A server that records the turn of the event loop in which it accepted each connection. */
async function recordedServer(isShared: boolean): Promise<{ readonly server: HttpServer; readonly turns: number[] }> {
  trackConnections();
  const server = createServer((_request, response) => response.end('answer'));
  const turns: number[] = [];
  let turn = 0;
  server.on('connection', () => turns.push(turn));
  const countTurns = (): void => {
    turn++;
    counting = setImmediate(countTurns);
  };
  let counting = setImmediate(countTurns);
  acceptHttpBursts(server, support, isShared);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    clearImmediate(counting);
    server.closeAllConnections();
    server.close();
  });
  return { server, turns };
}

/** Connections that the system has established before the server's next turn. */
function burst(server: HttpServer, count: number): Socket[] {
  const { port } = server.address() as AddressInfo;
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  return sockets;
}

async function answered(sockets: readonly Socket[], request: string): Promise<string[]> {
  return Promise.all(
    sockets.map(async (socket) => {
      socket.end(request);
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text.split('\r\n')[0]!;
    }),
  );
}

describe.skipIf(process.platform === 'win32')('acceptHttpBursts', () => {
  it('accepts the connections of a burst in a turn, where Node accepts one', async () => {
    const { server, turns } = await recordedServer(false);
    const sockets = burst(server, 60);
    expect(await answered(sockets, REQUEST)).toEqual(sockets.map(() => 'HTTP/1.1 200 OK'));
    expect(turns).toHaveLength(60);
    expect(new Set(turns).size).toBeLessThan(12);
  });

  it('accepts 65 in a turn at most', async () => {
    const { server, turns } = await recordedServer(false);
    await answered(burst(server, 200), REQUEST);
    expect(turns).toHaveLength(200);
    for (const turn of new Set(turns)) expect(turns.filter((each) => each === turn).length).toBeLessThanOrEqual(65);
  });

  it('accepts one in a turn while few are open, and more the more there are, where threads share the socket', async () => {
    const { server, turns } = await recordedServer(true);
    burst(server, 60);
    await expect.poll(() => turns.length).toBe(60);
    let open = 0;
    for (const turn of new Set(turns)) {
      const taken = turns.filter((each) => each === turn).length;
      expect(taken).toBeLessThanOrEqual(1 + Math.floor((open + 1) / 4));
      open += taken;
    }
    expect(new Set(turns).size).toBeLessThan(40);
  });

  it('counts them among the open connections until they close', async () => {
    const { server } = await recordedServer(false);
    const sockets = burst(server, 20);
    await expect.poll(() => openConnections(server).size).toBe(20);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => openConnections(server).size).toBe(0);
  });

  it.each([
    ['plain', undefined],
    ['over TLS', tlsTexts],
  ])('is what a REST server does, whose close answers them all: %s', async (_title, tls) => {
    const { server } = await startFixtureServer(['half_plus_two'], { engine: 'onnx' });
    const rest = await RestServer.listen(server, { port: 0, ...(tls && { tls }) });
    const agent = new (tls ? HttpsAgent : HttpAgent)({ keepAlive: true });
    const answers = Array.from({ length: 30 }, async () => {
      const sent = (tls ? requestHttps : requestHttp)({
        port: rest.port,
        path: '/v1/models/half_plus_two',
        agent,
        rejectUnauthorized: false,
      });
      const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
      const { statusCode: status, socket } = answer;
      await once(answer.resume(), 'end');
      return { status, socket };
    });
    const answered = await Promise.all(answers);
    expect(answered.map(({ status }) => status)).toEqual(answered.map(() => 200));
    const ended = answered.map(({ socket }) => socket.destroyed || once(socket, 'close'));
    await rest.close();
    await Promise.all(ended);
    agent.destroy();
  });
});
