/** HTTP framing by hand, each ended in four ways. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { answeredRequests, pause, postOf, RawConnection } from './raw-connection.js';

const PREDICT = 'POST /v1/models/m:predict HTTP/1.1\r\nHost: h\r\n';
const whole = postOf('m', '{"instances": [1.0]}');

const framings: readonly string[] = [
  '',
  '\r\n',
  '\0',
  'GET',
  'GET / HTTP/1.1\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'GET /v1/models/m HTTP/1.1\nHost: h\n\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
  'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\nmore bytes',
  'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n',
  `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}\r\n`,
  'GET / HTTP/1.1\r\nX : y\r\n\r\n',
  'GET / HTTP/1.1\r\n folded: y\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  `${PREDICT}Content-Length: -1\r\n\r\n`,
  `${PREDICT}Content-Length: 1e3\r\n\r\n`,
  `${PREDICT}Content-Length: 99999999999999999999\r\n\r\n`,
  `${PREDICT}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  `${PREDICT}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${PREDICT}Content-Length: 70000000\r\n\r\n{`,
  `${PREDICT}Transfer-Encoding: gzip\r\n\r\nabc`,
  `${PREDICT}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `${PREDICT}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
  `${PREDICT}Transfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(20_000)}\r\n`,
  `${PREDICT}Transfer-Encoding: chunked\r\n\r\n5\r\n{"in`,
  `${PREDICT}Expect: 100-continue\r\nContent-Length: 20\r\n\r\n`,
  `${PREDICT}Expect: something\r\nContent-Length: 2\r\n\r\n{}`,
  `${PREDICT}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc`,
  whole.slice(0, -5),
  whole + whole + whole,
  `${whole}GET / HTTX/1.1\r\n\r\n`,
  `${whole}CONNECT h:1 HTTP/1.1\r\n\r\n`,
];

const endings: readonly ((connection: RawConnection) => Promise<void>)[] = [
  async ({ socket }) => void socket.resetAndDestroy(),
  async ({ socket }) => {
    await pause(10);
    socket.resetAndDestroy();
  },
  async ({ socket, closed }) => {
    socket.end();
    await Promise.race([closed, pause(3000)]);
    socket.destroy();
  },
  async ({ socket }) => {
    socket.write('\r\n\r\nmore\r\n\r\n');
    await pause(10);
    socket.destroy();
  },
];

export const httpFraming: Attack = {
  name: 'http-framing',
  description: 'HTTP framing by hand, each ended by a reset, a late reset, a half-close and more bytes',
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('half_plus_two') } });
    const before = server.openDescriptors;
    let connections = 0;
    for (const framing of framings) {
      const attempts = endings.map(async (end) => {
        const connection = await RawConnection.open(server.port);
        if (!connection) return;
        connections += 1;
        await new Promise((resolve) => connection.socket.write(framing, resolve));
        await end(connection);
      });
      await Promise.all(attempts);
      if (!server.isRunning) break;
    }
    await pause(2000);
    const leaked = Math.max(0, server.openDescriptors - before);
    const isRunning = server.isRunning;
    const answered = await answeredRequests(server.port, 'm', 20);
    const exit = await server.terminate(30_000);
    return {
      passed: isRunning && leaked === 0 && answered === 20 && exit === '0',
      figures: {
        framings: framings.length,
        connections,
        endedByItself: isRunning ? 'no' : 'yes',
        leaked,
        answered,
        exit,
      },
    };
  },
};
