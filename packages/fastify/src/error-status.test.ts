import { startTestServer } from '@serving/testing';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { servingPlugin } from './serving-plugin.js';

describe('servingPlugin', () => {
  it('names its option "server" where that is missing', async () => {
    const app = fastify();
    app.register(servingPlugin, {} as never);
    await expect(app.ready()).rejects.toThrow(
      'The option "server" of servingPlugin needs a model server, as ModelServer.start resolves with, got undefined',
    );
  });
});

describe('a handler of a Fastify app that rejects with a ServingError', () => {
  it('is responded to with the error’s HTTP status and code', async () => {
    const models = await startTestServer({ models: {} });
    const app = fastify();
    app.get('/label', () => models.server.predict({ model: 'missing', inputs: {} }));
    const response = await app.inject('/label');
    await app.close();
    await models.close();
    expect([response.statusCode, response.json().code]).toEqual([404, 'NOT_FOUND']);
  });
});
