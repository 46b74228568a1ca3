import { createServer } from 'node:http';
import { listenForAdapterTest, startTestServer } from '@serving/testing';
import Koa from 'koa';
import { describe, expect, it } from 'vitest';

describe('a middleware of a Koa app that rejects with a ServingError', () => {
  it('is responded to with the error’s HTTP status', async () => {
    const models = await startTestServer({ models: {} });
    const app = new Koa();
    app.silent = true;
    app.use(async (context) => {
      context.body = await models.server.predict({ model: 'missing', inputs: {} });
    });
    const host = await listenForAdapterTest(createServer(app.callback()));
    const response = await fetch(host.url, { headers: { connection: 'close' } });
    await response.arrayBuffer();
    await host.close();
    await models.close();
    expect(response.status).toBe(404);
  });
});
