import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { acceptQueued } from './accept-queued.js';

it('acceptQueued leaves no connection in the queue of a listener that closes', async () => {
  const server = createServer((socket) => socket.end('taken')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
  const answers = clients.map(async (client) => String((await once(client, 'data'))[0]));
  await once(clients.at(-1)!, 'connect');
  await acceptQueued(server);
  server.close();
  expect(await Promise.all(answers)).toEqual(clients.map(() => 'taken'));
  for (const client of clients) client.destroy();
  expect(server.listenerCount('connection')).toBe(1);
});
