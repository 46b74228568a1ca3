import type { ModelServer } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { createFetchHandler } from '../fetch/fetch-handler.js';
import { FrameworkHandler } from '../node/framework-handler.js';
import { createNodeHandler } from '../node/node-handler.js';
import { RestServer } from '../node/rest-server.js';
import { fakeModelServer } from './fake-model-server.test-support.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import type { RestModelServer } from './rest-model-server.js';

type Door = (server: RestModelServer, options: HttpRestApiOptions) => unknown;

describe.each<[string, Door]>([
  ['createNodeHandler', createNodeHandler],
  ['createFetchHandler', createFetchHandler],
  ['FrameworkHandler', (server, options) => new FrameworkHandler(server, options)],
  ['RestServer.listen', (server, options) => RestServer.listen(server, { port: 0, ...options })],
])('%s', (_, door) => {
  const refusal = async (server: unknown, options: object): Promise<unknown> => {
    try {
      return await door(server as RestModelServer, options);
    } catch (error) {
      return error;
    }
  };

  it.each<[object, RegExp]>([
    [
      { maxBodyByte: 1 },
      /^Unknown option "maxBodyByte" of the REST API: did you mean "maxBodyBytes"\? Options: timeoutMs, /,
    ],
    [{ timeoutMs: 0 }, /^Option "timeoutMs" of the REST API must be a number over 0, or false for no limit, got 0$/],
    [{ maxBodyBytes: '64' }, /^Option "maxBodyBytes" of the REST API must be a number of at least 0, got "64"$/],
    [{ metrics: {} }, /must be an object with metrics, such as servingMetrics\(\), got an object$/],
    [{ formats: [undefined] }, /must be a list of formats, got a list$/],
  ])('refuses %o', async (options, message) => {
    expect(await refusal(fakeModelServer(), options)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  it('asks for a server that was awaited', async () => {
    const promise = Promise.resolve() as unknown as ModelServer;
    expect(await refusal(promise, {})).toMatchObject({
      message: 'The REST API needs a model server, got a promise: await ModelServer.start(…) first',
    });
  });
});
