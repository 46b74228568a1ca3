import { once } from 'node:events';
import { connect } from 'node:http2';
import { expect, it } from 'vitest';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from './grpc-server.js';

it('a client may send 8 MiB of a call, and 64 MiB in all, before it waits for the server', async () => {
  const { modelServer } = await gatedModelServer();
  const server = await GrpcServer.listen(modelServer, { port: 0 });
  const session = connect(`http://127.0.0.1:${server.port}`);
  try {
    const [settings] = await once(session, 'remoteSettings');
    expect(settings.initialWindowSize).toBe(8 * 2 ** 20);
    // The window of the session comes in a frame of its own, before the answer to a ping.
    await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
    expect(session.state.remoteWindowSize).toBe(64 * 2 ** 20);
  } finally {
    session.destroy();
    await server.close();
    await modelServer.close();
  }
});
