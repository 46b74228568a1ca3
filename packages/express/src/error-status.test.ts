import { createServer } from 'node:http';
import { listenForAdapterTest, startTestServer } from '@serving/testing';
import express from 'express';
import express4 from 'express4';
import { describe, expect, it } from 'vitest';

describe('a handler of an Express app that rejects with a ServingError', () => {
  it.each([
    ['express 5', express],
    ['express 4', express4],
  ])('is responded to with the error’s HTTP status by %s', async (_, create) => {
    const models = await startTestServer({ models: {} });
    const app = create().set('env', 'test');
    app.get('/label', (_request, _response, next) => {
      models.server.predict({ model: 'missing', inputs: {} }).catch(next);
    });
    const host = await listenForAdapterTest(createServer(app));
    const response = await fetch(`${host.url}/label`, { headers: { connection: 'close' } });
    await response.arrayBuffer();
    await host.close();
    await models.close();
    expect(response.status).toBe(404);
  });
});
