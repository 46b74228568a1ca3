/** Clients that close their side after the request, and clients that connect and never send a byte. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { postOf, RawConnection } from './raw-connection.js';

const HALF_CLOSED = 20;
const SILENT = 50;

export const httpHalfClosed: Attack = {
  name: 'http-half-closed',
  description: 'half-closes connections after a POST, then sends SIGTERM beside connections that stay silent',
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('slow') } });
    let answered = 0;
    const posts = Array.from({ length: HALF_CLOSED }, async () => {
      const connection = await RawConnection.open(server.port);
      if (!connection) return;
      connection.socket.end(postOf('m', '{"inputs": {"iterations": 5, "x": 1}}'));
      if (await connection.receives(/^HTTP\/1\.1 200 [\s\S]*outputs/, 10_000)) answered += 1;
      connection.socket.destroy();
    });
    await Promise.all(posts);
    const silent = await Promise.all(Array.from({ length: SILENT }, () => RawConnection.open(server.port)));
    const before = performance.now();
    const exit = await server.terminate(15_000);
    const exitMs = Math.round(performance.now() - before);
    for (const connection of silent) connection?.socket.destroy();
    return {
      passed: answered === HALF_CLOSED && exit === '0',
      figures: { halfClosed: HALF_CLOSED, answered, silent: SILENT, exit, exitMs },
    };
  },
};
