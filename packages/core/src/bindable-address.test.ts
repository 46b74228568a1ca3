import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkBindable } from './bindable-address.js';

describe('checkBindable', () => {
  it('accepts a free port and leaves it free', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(checkBindable('REST', '127.0.0.1', port)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `REST can't listen on 127.0.0.1:${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
    server.close();
    await once(server, 'close');
    await checkBindable('REST', '127.0.0.1', port);
    await checkBindable('REST', 'localhost', port);
  });

  it('names a host without an address', async () => {
    await expect(checkBindable('gRPC', 'no-such-host.invalid', 1)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^gRPC can't listen on no-such-host\.invalid:1: getaddrinfo /),
    });
    await expect(checkBindable('gRPC', '::ffff:203.0.113.1', 0)).rejects.toMatchObject({
      message: expect.stringMatching(/^gRPC can't listen on \[::ffff:203\.0\.113\.1\]:0: listen /),
    });
  });
});
