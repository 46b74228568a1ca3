import { type handleUnaryCall, Server, ServerCredentials, type ServerInterceptingCall } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { callWithFlag } from './http2-frames.test-support.js';
import { type StreamCall, toStreamCall } from './stream-call.js';

it('the installed version of grpc-js has the internals that are relied on', async () => {
  let found: StreamCall | undefined;
  const server = new Server({
    interceptors: [
      (_method, call) => {
        found = toStreamCall(call);
        return call as ServerInterceptingCall;
      },
    ],
  });
  const bytes = (value: Buffer): Buffer => value;
  const echo: handleUnaryCall<Buffer, Buffer> = ({ request }, respond) => respond(null, request);
  server.register('/test/Echo', echo, bytes, bytes, 'unary');
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  expect(await callWithFlag(`http://127.0.0.1:${port}`, '/test/Echo', 0, Buffer.of(1))).toMatchObject({ status: '0' });
  expect(found?.decompressMessage).toBeTypeOf('function');
  server.forceShutdown();
});
