/** Model servers behind serving threads, and clients that notice what fails. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelServer, ModelServerOptions } from '@serving/core';
import type { SavedModelOptions } from '@serving/savedmodel';
import { onTestFinished } from 'vitest';
import { startFixtureServer } from '../../../test-doubles/src/fixture-server.js';
import { SteadyLoad } from '../../../test-doubles/src/steady-load.js';
import { RestServer } from '../node/rest-server.js';
import type { RestServerOptions } from '../node/rest-server-options.js';

/** What a client was answered. */
export interface ClientAnswer {
  readonly status: number;
  readonly body: string;
}

/** A server whose listener runs in threads. Both are closed when the test is over. */
export interface ThreadedServer {
  readonly server: ModelServer;
  readonly rest: RestServer;
  /** Errors that the model server emitted. */
  readonly errors: string[];
}

/** Serves fixtures, which are named as their folders, with real engines. */
export async function serveFixtures(
  names: readonly string[],
  {
    engine = 'tensorflow',
    isolation = 'none',
    platform,
    rest,
    ...options
  }: Partial<Omit<ModelServerOptions, 'on'>> & {
    readonly engine?: SavedModelOptions['engine'];
    readonly isolation?: SavedModelOptions['isolation'];
    /** Instead of the two. */
    readonly platform?: SavedModelOptions;
    readonly rest?: Partial<RestServerOptions>;
  } = {},
): Promise<ThreadedServer> {
  const { server, errors } = await startFixtureServer(names, platform ?? { engine, isolation }, options);
  const listener = await RestServer.listen(server, { port: 0, threads: 2, ...rest });
  onTestFinished(() => listener.close());
  return { server, rest: listener, errors };
}

/** One request. A connection of its own unless an agent is given. */
export function ask(
  port: number,
  path: string,
  { body, agent, headers = {} }: { body?: string; agent?: Agent; headers?: Record<string, string> } = {},
): Promise<ClientAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      path,
      host: '127.0.0.1',
      method: body === undefined ? 'GET' : 'POST',
      agent: agent ?? new Agent({ keepAlive: false }),
      headers,
    });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    sent.end(body);
  });
}

/** Sends requests on several connections, one after the other on each, until it is stopped. */
export class Load extends SteadyLoad {
  readonly #agent: Agent | undefined;

  /** @param isKept whether connections are kept for the next request */
  constructor(port: number, path: string, body: string, { connections = 4, isKept = true } = {}) {
    const agent = isKept ? new Agent({ keepAlive: true, maxSockets: connections }) : undefined;
    const call = async (): Promise<void> => {
      const { status, body: answer } = await ask(port, path, { body, ...(agent && { agent }) });
      if (status !== 200) throw new Error(`${status} ${answer}`);
    };
    super(Array.from({ length: connections }, () => call));
    this.#agent = agent;
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#agent?.destroy();
  }
}

/** An extension of an application: responds with the number of its thread, and fails as applications do. */
export async function threadExtension(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'thread-extension-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'extension.cjs');
  await writeFile(
    path,
    `const { threadId } = require('node:worker_threads');
    exports.createHttpExtension = () => ({
      paths: ['/thread'],
      match: (method, target) => (target.startsWith('/thread') ? { target } : undefined),
      handle: ({ target }) => {
        if (target === '/thread/throw') setImmediate(() => { throw new Error('a bug of the application'); });
        if (target.startsWith('/thread/')) return new Promise(() => {});
        return { status: 200, headers: {}, body: Buffer.from(String(threadId)) };
      },
    });`,
  );
  return path;
}
