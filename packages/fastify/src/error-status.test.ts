import { startTestServer } from '@serving/testing';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';

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
