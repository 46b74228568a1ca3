/** Clients that reset their connections, at each state of a request. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { answeredRequests, pause, postOf, RawConnection } from './raw-connection.js';

const ROUNDS = 20;
const whole = postOf('m', '{"instances": [1.0]}');
/** The page of the health endpoint is small, the answer of echo large. */
const states: readonly { readonly state: string; readonly sent: string; readonly until?: RegExp }[] = [
  { state: 'connected', sent: '' },
  { state: 'CONNECT', sent: 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n', until: /501/ },
  { state: 'upgrade', sent: 'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n', until: /404/ },
  { state: 'broken', sent: 'GET / HTTX/1.1\r\n\r\n', until: /400/ },
  { state: 'half headers', sent: whole.slice(0, 30) },
  { state: 'half body', sent: whole.slice(0, -5) },
  {
    state: 'refused body',
    sent: `POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 70000000\r\n\r\n{`,
    until: /413/,
  },
  { state: 'running', sent: whole },
  { state: 'answered', sent: whole, until: /200 OK/ },
  { state: 'pipelined', sent: whole.repeat(10), until: /200 OK/ },
];

export const httpResets: Attack = {
  name: 'http-resets',
  description: `resets connections at each state of a request, ${ROUNDS} times each, CONNECT included`,
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('half_plus_two') } });
    const before = server.openDescriptors;
    let resets = 0;
    let endedAfter = 'nothing';
    for (const { state, sent, until } of states) {
      const attempts = Array.from({ length: ROUNDS }, async () => {
        const connection = await RawConnection.open(server.port);
        if (!connection) return;
        await new Promise((resolve) => connection.socket.write(sent, resolve));
        if (until) await connection.receives(until, 2000);
        connection.socket.resetAndDestroy();
        resets += 1;
      });
      await Promise.all(attempts);
      await pause(100);
      if (server.isRunning) continue;
      endedAfter = state;
      break;
    }
    await pause(1000);
    const leaked = Math.max(0, server.openDescriptors - before);
    const isRunning = server.isRunning;
    const answered = await answeredRequests(server.port, 'm', 20);
    const exit = await server.terminate(30_000);
    return {
      passed: isRunning && leaked === 0 && answered === 20 && exit === '0',
      figures: { resets, endedAfter, leaked, answered, exit },
    };
  },
};
