import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createTensor } from '@serving/core/tensor';
import { expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from './grpc-server.js';

/** The handle of a socket that another process has bound, as a supervisor would pass it. */
async function boundElsewhere(): Promise<{ readonly fd: number }> {
  const script =
    "const s = require('net').createServer().listen(0, '127.0.0.1', () => process.send('bound', s._handle))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [, handle] = await once(child, 'message');
  child.kill();
  return handle as { readonly fd: number };
}

it('GrpcServer.listen answers on a descriptor that it is given, and tells its port', async () => {
  const { modelServer } = await gatedModelServer();
  const { fd } = await boundElsewhere();
  const server = await GrpcServer.listen(modelServer, { fd });
  const client = new GrpcClient(`127.0.0.1:${server.port}`);
  const inputs = { x: createTensor('float', [1], Float32Array.of(21)) };
  const { outputs } = await client.predict({ modelSpec: { name: 'double', signatureName: '' }, inputs });
  expect(outputs.y!.data).toEqual(Float32Array.of(42));
  client.close();
  await server.close();
  await modelServer.close();
});

it('GrpcServer.listen refuses a descriptor that is not open', async () => {
  const { modelServer } = await gatedModelServer();
  await expect(GrpcServer.listen(modelServer, { fd: 1_000_000 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining("gRPC can't listen on the descriptor 1000000: "),
  });
  await modelServer.close();
});
