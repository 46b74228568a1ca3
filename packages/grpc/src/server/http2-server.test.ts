import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { http2ServerOf } from './http2-server.js';

it('the installed version of grpc-js has the internal that is relied on', () => {
  const server = new Server();
  expect(http2ServerOf(server)).toBeUndefined();
  server.createConnectionInjector(ServerCredentials.createInsecure());
  expect(http2ServerOf(server)?.listenerCount('session')).toBe(1);
  server.forceShutdown();
});

it('a server with other internals has none', () => {
  expect(http2ServerOf({} as Server)).toBeUndefined();
});
