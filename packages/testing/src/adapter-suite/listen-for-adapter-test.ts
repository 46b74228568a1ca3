/** A `node:http` server for the adapter test suite. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdapterUnderTest } from './adapter-under-test.js';

/** Listens on a free port of the loopback interface. For frameworks whose app is, or makes, a server of `node:http`. */
export async function listenForAdapterTest(server: Server): Promise<AdapterUnderTest> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
