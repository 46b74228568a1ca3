/** Model servers behind gRPC servers with threads, and clients that notice what fails. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelServer, ModelServerOptions } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import type { SavedModelOptions } from '@serving/savedmodel';
import { onTestFinished } from 'vitest';
import { startFixtureServer } from '../../../test-doubles/src/fixture-server.js';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { SteadyLoad } from '../../../test-doubles/src/steady-load.js';
import { GrpcServer } from '../server/grpc-server.js';
import type { GrpcServerOptions } from '../server/grpc-server-options.js';

/** A server whose calls are served in threads. Both are closed when the test is over. */
export interface ThreadedServer {
  readonly server: ModelServer;
  readonly grpc: GrpcServer;
  /** Errors that the model server told of. */
  readonly errors: string[];
}

/** Serves fixtures, which are named as their folders, with real engines. */
export async function serveFixtures(
  names: readonly string[],
  {
    platform,
    grpc,
    ...options
  }: Partial<Omit<ModelServerOptions, 'on'>> & {
    readonly platform?: SavedModelOptions;
    readonly grpc?: Partial<GrpcServerOptions>;
  } = {},
): Promise<ThreadedServer> {
  const { server, errors } = await startFixtureServer(names, { engine: 'tensorflow', ...platform }, options);
  const listening = await GrpcServer.listen(server, { port: 0, threads: 2, ...grpc });
  onTestFinished(() => listening.close());
  return { server, grpc: listening, errors };
}

/** A client with a connection of its own. */
export function connect(
  address: string | number | undefined,
  ...more: ConstructorParameters<typeof GrpcClient> extends [string, ...infer Rest] ? Rest : never
): GrpcClient {
  const [credentials, options] = more;
  const client = new GrpcClient(typeof address === 'string' ? address : `127.0.0.1:${address}`, credentials, {
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** What half_plus_two answers for 4: 5 for version 124, 4 for version 123. */
export async function halfPlusTwo(client: GrpcClient, spec: object = {}): Promise<unknown> {
  const inputs = { x: createTensor('float', [1], Float32Array.of(4)) };
  const { outputs } = await client.predict({ modelSpec: { name: 'half_plus_two', ...spec }, inputs });
  return Array.from(outputs.y!.data as Float32Array)[0];
}

/** Calls on several clients, one after the other on each, until it is stopped. */
export class Load extends SteadyLoad {
  constructor(clients: readonly GrpcClient[], call: (client: GrpcClient) => Promise<unknown>) {
    super(clients.map((client) => () => call(client)));
  }
}

/** Where the extension of {@link threadExtension} answers. */
export const threadPaths = {
  id: '/application.Thread/Id',
  throw: '/application.Thread/Throw',
  wait: '/application.Thread/Wait',
};

/** An extension of an application: tells which thread answers, and fails as applications do. */
export async function threadExtension(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'thread-extension-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'extension.cjs');
  await writeFile(
    path,
    `const { threadId } = require('node:worker_threads');
    exports.createGrpcExtension = (server, options, { unaryService }) => ({
      services: [unaryService('application.Thread', {
        Id: () => Buffer.from(String(threadId)),
        Wait: () => new Promise(() => {}),
        Throw: () => {
          setImmediate(() => { throw new Error('a bug of the application'); });
          return new Promise(() => {});
        },
      })],
    });`,
  );
  return path;
}

/** Which thread serves a client. */
export async function threadOf(client: GrpcClient): Promise<string> {
  return Buffer.from(await client.call(threadPaths.id, new Uint8Array(0))).toString();
}
