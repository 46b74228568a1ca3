/** Model servers of SavedModel fixtures on real engines. */
import { ModelServer, type ModelServerOptions } from '@serving/core';
import { type SavedModelOptions, savedModelPlatform } from '@serving/savedmodel';
import { onTestFinished } from 'vitest';
import { fixturePath } from './saved-model-fixtures.js';

export interface FixtureServer {
  readonly server: ModelServer;
  /** Errors that the model server emitted. */
  readonly errors: string[];
}

/** Serves fixtures, which are named as their folders. The server is closed when the test is over. */
export async function startFixtureServer(
  names: readonly string[],
  platform: SavedModelOptions,
  options: Partial<Omit<ModelServerOptions, 'on'>> = {},
): Promise<FixtureServer> {
  const errors: string[] = [];
  const server = await ModelServer.start({
    models: names.map((name) => ({ name, basePath: fixturePath(name) })),
    platforms: { tensorflow: savedModelPlatform(platform) },
    pollIntervalMs: 'once',
    startPolicy: 'all',
    on: { error: ({ message }) => errors.push(message) },
    ...options,
  });
  onTestFinished(() => server.close());
  return { server, errors };
}
