/** More gRPC connections than the process may open, while others call. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause, RawConnection } from '../http/raw-connection.js';
import { answeredCalls } from './grpc-caller.js';

const DESCRIPTORS = 200;
const SILENT = 400;
const CALLS = 50;

export const grpcFewDescriptors: Attack = {
  name: 'grpc-few-descriptors',
  description: `${SILENT} silent gRPC connections to a server with ${DESCRIPTORS} file descriptors, beside clients that call`,
  async run() {
    const server = await AttackedServer.start({
      model: { name: 'm', basePath: fixtureBasePath('half_plus_two') },
      descriptors: DESCRIPTORS,
    });
    await answeredCalls(server.grpcPort, 1);
    const before = server.openDescriptors;
    const silent: RawConnection[] = [];
    for (let i = 0; i < SILENT; i++) {
      const connection = await RawConnection.open(server.grpcPort);
      if (connection) silent.push(connection);
    }
    await pause(500);
    const highest = server.openDescriptors;
    const answered = server.isRunning ? await answeredCalls(server.grpcPort, CALLS) : 0;
    for (const { socket } of silent) socket.destroy();
    await pause(500);
    const leaked = Math.max(0, server.openDescriptors - before);
    const exit = await server.terminate(30_000);
    return {
      passed: answered === CALLS && leaked === 0 && exit === '0',
      figures: { silent: silent.length, calls: CALLS, answered, descriptorsHighest: highest, leaked, exit },
    };
  },
};
