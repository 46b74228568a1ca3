import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { listening } from './listening.js';

it('a server that listens passes over connections that it could not accept', async () => {
  const server = createServer();
  await listening(server, { port: 0, host: '127.0.0.1' }, '127.0.0.1:0');
  expect(server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))).toBe(true);
  server.close();
});
