/** More connections than the process may open, while others ask. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { answeredRequests, pause, RawConnection } from './raw-connection.js';

const DESCRIPTORS = 200;
const SILENT = 400;
const REQUESTS = 50;

export const httpFewDescriptors: Attack = {
  name: 'http-few-descriptors',
  description: `${SILENT} silent connections to a server with ${DESCRIPTORS} file descriptors, beside clients that ask`,
  async run() {
    const server = await AttackedServer.start({
      model: { name: 'm', basePath: fixtureBasePath('half_plus_two') },
      descriptors: DESCRIPTORS,
    });
    const before = server.openDescriptors;
    const silent: RawConnection[] = [];
    for (let i = 0; i < SILENT; i++) {
      const connection = await RawConnection.open(server.port);
      if (connection) silent.push(connection);
    }
    await pause(500);
    const highest = server.openDescriptors;
    const answered = await answeredRequests(server.port, 'm', REQUESTS);
    for (const { socket } of silent) socket.destroy();
    await pause(500);
    const leaked = Math.max(0, server.openDescriptors - before);
    const exit = await server.terminate(30_000);
    return {
      passed: answered === REQUESTS && leaked === 0 && exit === '0',
      figures: { silent: silent.length, requests: REQUESTS, answered, descriptorsHighest: highest, leaked, exit },
    };
  },
};
