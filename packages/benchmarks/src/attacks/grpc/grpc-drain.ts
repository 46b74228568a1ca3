/** SIGTERM while gRPC clients call and others do nothing. */
import { status } from '@grpc/grpc-js';
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause, RawConnection } from '../http/raw-connection.js';
import { GrpcCaller } from './grpc-caller.js';
import { preface, settings } from './http2-bytes.js';

const CALLERS = 16;

export const grpcDrain: Attack = {
  name: 'grpc-drain',
  description: `SIGTERM under ${CALLERS} gRPC clients that call, one that is silent and one without a call`,
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('half_plus_two') } });
    await RawConnection.open(server.grpcPort);
    const idle = await RawConnection.open(server.grpcPort);
    idle?.socket.write(Buffer.concat([preface, settings]));
    let answered = 0;
    const lost: string[] = [];
    const callers = Array.from({ length: CALLERS }, async () => {
      const caller = new GrpcCaller(server.grpcPort);
      for (;;) {
        const error = await caller.ask();
        if (error === undefined) answered += 1;
        // The server has stopped listening: a client goes elsewhere.
        else if (error.code === status.UNAVAILABLE && error.details.includes('ECONNREFUSED')) break;
        else if (lost.push(error.details) > 20) break;
      }
      caller.close();
    });
    await pause(1500);
    const started = performance.now();
    const exit = await server.terminate(40_000);
    const exitMs = Math.round(performance.now() - started);
    await Promise.all(callers);
    idle?.socket.destroy();
    return {
      passed: lost.length === 0 && exit === '0',
      figures: { callers: CALLERS, answered, lost: lost.length, firstLost: lost[0] ?? 'none', exit, exitMs },
    };
  },
};
