import { deflateSync, gzipSync } from 'node:zlib';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paths } from '../../../test-doubles/src/grpc-client.js';
import { addServingServices } from '../add-serving-services.js';
import { type GatedModelServer, gatedModelServer } from '../gated-model-server.test-support.js';
import { limitCompressedMessages } from './compressed-message-limit.js';
import { GrpcServer } from './grpc-server.js';
import { callWithFlag } from './http2-frames.test-support.js';

const MAX_INFLATED_BYTES = 10_000;
const requestOf = (values: number): Buffer =>
  Buffer.from(
    encodePredictRequestMessage({
      modelSpec: { name: 'double', signatureName: '' },
      inputs: { x: createTensor('float', [values], new Float32Array(values)) },
    }),
  );
const small = requestOf(3);
const large = requestOf(MAX_INFLATED_BYTES);

let gated: GatedModelServer;
let server: GrpcServer;
let ownServer: Server;
let addresses: Readonly<Record<string, string>>;

beforeAll(async () => {
  gated = await gatedModelServer();
  server = await GrpcServer.listen(gated.modelServer, { port: 0, maxInflatedBytes: MAX_INFLATED_BYTES });
  ownServer = new Server({ interceptors: [limitCompressedMessages({ maxInflatedBytes: MAX_INFLATED_BYTES })] });
  addServingServices(ownServer, gated.modelServer);
  const ownPort = await new Promise<number>((resolve, reject) => {
    ownServer.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  addresses = { GrpcServer: `http://127.0.0.1:${server.port}`, 'grpc.Server': `http://127.0.0.1:${ownPort}` };
});

afterAll(async () => {
  ownServer.forceShutdown();
  await server.close();
  await gated.modelServer.close();
});

describe.each(['GrpcServer', 'grpc.Server'])('limitCompressedMessages on a %s', (kind) => {
  const call = (flag: number, content: Buffer, encoding?: string) =>
    callWithFlag(addresses[kind]!, paths.predict, flag, content, encoding);

  it.each<[string, number, Buffer, string | undefined]>([
    ['gzip', 1, gzipSync(small), 'gzip'],
    ['deflate', 1, deflateSync(small), 'deflate'],
    ['no encoding', 0, small, undefined],
    ['an encoding that the message does not use', 0, small, 'gzip'],
    ['an unknown encoding that the message does not use', 0, small, 'snappy'],
    ['no encoding beyond the limit of compressed messages', 0, large, undefined],
  ])('answers a message with %s', async (_, flag, content, encoding) => {
    expect(await call(flag, content, encoding)).toMatchObject({ status: '0' });
  });

  it.each([
    ['gzip', gzipSync(large)],
    ['deflate', deflateSync(large)],
  ])('refuses a message that inflates to more than the limit (%s)', async (encoding, content) => {
    expect(content.length).toBeLessThan(1000);
    expect(await call(1, content, encoding)).toMatchObject({
      status: '8',
      message: 'A compressed message inflates to more than 10000 bytes (maxInflatedBytes); send it uncompressed',
    });
  });

  it.each([2, 3, 128, 255])('refuses the compressed-flag %d', async (flag) => {
    expect(await call(flag, small)).toMatchObject({
      status: '13',
      message: `Unknown compressed-flag ${flag} of a message: expected 0 or 1`,
    });
  });

  it('refuses a flagged message of a call without an encoding', async () => {
    expect(await call(1, gzipSync(small))).toMatchObject({
      status: '13',
      message: 'A message is flagged as compressed, but the call has no grpc-encoding',
    });
  });

  it('refuses an unknown encoding and lists the known ones', async () => {
    expect(await call(1, small, 'snappy')).toEqual({
      status: '12',
      message: 'The grpc-encoding "snappy" is not supported: expected gzip and deflate',
      acceptEncoding: 'identity,gzip,deflate',
    });
  });

  it('refuses a message that its encoding does not explain', async () => {
    expect(await call(1, small, 'gzip')).toMatchObject({
      status: '13',
      message: expect.stringContaining('Failed to decompress a message: '),
    });
  });
});

describe('limitCompressedMessages and grpc-js', () => {
  it('refuses calls of a version without a known way to do so, rather than serving them unlimited', () => {
    let start: { onReceiveMetadata(): void } | undefined;
    let status: unknown;
    const call = {
      start: (listener: typeof start) => {
        start = listener;
      },
      sendStatus: (sent: unknown) => {
        status = sent;
      },
    };
    const refusing = limitCompressedMessages()(undefined as never, call as never);
    refusing.start({ onReceiveMetadata: () => expect.unreachable() } as never);
    (start as unknown as { onReceiveMetadata(metadata: unknown): void }).onReceiveMetadata(undefined);
    expect(status).toMatchObject({ code: 12, details: expect.stringContaining('@grpc/grpc-js') });
  });
});
