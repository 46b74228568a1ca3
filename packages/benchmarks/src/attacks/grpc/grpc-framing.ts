/** Connections that break the framing of HTTP/2. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause, RawConnection } from '../http/raw-connection.js';
import { answeredCalls } from './grpc-caller.js';
import { frame, preface, settings } from './http2-bytes.js';

const CONNECTIONS = 60;
/** DATA on stream 0, a frame that is too large, another protocol, half a preface, nothing. */
const beginnings = [
  Buffer.concat([preface, settings, frame(0, Buffer.of(0))]),
  Buffer.concat([preface, settings, Buffer.of(255, 255, 255, 0, 0, 0, 0, 0, 1)]),
  Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n'),
  preface.subarray(0, 12),
  Buffer.alloc(0),
];

export const grpcFraming: Attack = {
  name: 'grpc-framing',
  description: `${CONNECTIONS} gRPC connections of each kind that break the framing of HTTP/2, or send nothing`,
  async run() {
    const flags = ['--grpc_keepalive_time_ms=1000', '--grpc_keepalive_timeout_ms=1000'];
    const server = await AttackedServer.start({
      model: { name: 'm', basePath: fixtureBasePath('half_plus_two') },
      flags: [...flags, '--grpc_handshake_timeout_ms=1000'],
    });
    await answeredCalls(server.grpcPort, 1);
    const before = server.openDescriptors;
    for (const beginning of beginnings) {
      for (let i = 0; i < CONNECTIONS; i++) {
        const connection = await RawConnection.open(server.grpcPort);
        connection?.socket.end(beginning);
      }
    }
    let leaked = server.openDescriptors - before;
    for (let i = 0; i < 60 && leaked > 0; i++) {
      await pause(250);
      leaked = server.openDescriptors - before;
    }
    const answered = await answeredCalls(server.grpcPort, 10);
    const exit = await server.terminate(30_000);
    return {
      passed: leaked <= 0 && answered === 10 && exit === '0',
      figures: { connections: beginnings.length * CONNECTIONS, leaked: Math.max(leaked, 0), answered, exit },
    };
  },
};
