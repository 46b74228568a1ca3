/** A compressed request that inflates to a thousand times its size. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause } from '../http/raw-connection.js';
import { answeredCalls, PREDICT_PATH } from './grpc-caller.js';

const INFLATED_BYTES = 256 * 1024 * 1024;

export const grpcInflation: Attack = {
  name: 'grpc-inflation',
  description: 'a gRPC request of a quarter of a megabyte that inflates to 256 MiB',
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('half_plus_two') } });
    await answeredCalls(server.grpcPort, 1);
    const before = server.residentBytes;
    let highest = before;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        highest = Math.max(highest, server.residentBytes);
        await pause(5);
      }
    })();
    const content = gzipSync(Buffer.alloc(INFLATED_BYTES), { level: 9 });
    const status = await statusOf(server.grpcPort, content);
    isOver = true;
    await watching;
    const answered = await answeredCalls(server.grpcPort, 10);
    const exit = await server.terminate(30_000);
    const grownMiB = Math.round((highest - before) / 2 ** 20);
    return {
      passed: status === '8' && grownMiB < 160 && answered === 10 && exit === '0',
      figures: { sentBytes: content.length, inflatedBytes: INFLATED_BYTES, status, grownMiB, answered, exit },
    };
  },
};

async function statusOf(port: number, content: Buffer): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  const headers = { ':method': 'POST', ':path': PREDICT_PATH, 'content-type': 'application/grpc' };
  const stream = session.request({ ...headers, te: 'trailers', 'grpc-encoding': 'gzip' });
  let status = 'none';
  const note = (received: Record<string, unknown>): void => {
    if (received['grpc-status'] !== undefined) status = String(received['grpc-status']);
  };
  stream.on('response', note);
  stream.on('trailers', note);
  stream.on('error', () => undefined);
  const header = Buffer.of(1, 0, 0, 0, 0);
  header.writeUInt32BE(content.length, 1);
  stream.end(Buffer.concat([header, content]));
  stream.resume();
  await once(stream, 'close');
  session.destroy();
  return status;
}
