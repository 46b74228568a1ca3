import { createServer } from 'node:http';
import type { CreateHttpExtension } from '@serving/http/adapter';
import { defineAdapterTestSuite, fakeServable, listenForAdapterTest, startTestServer } from '@serving/testing';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import { describe, expect, it } from 'vitest';
import { servingMiddleware } from './serving-middleware.js';

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
])('servingMiddleware in %s', (_version, Framework) => {
  defineAdapterTestSuite(
    async ({ server, options, prefix, bodyParser: isParsed }) => {
      const app = new Framework();
      app.silent = true; // Koa tells the console of every client that goes
      if (isParsed) app.use(bodyParser());
      const middleware = servingMiddleware(server, options);
      app.use(prefix ? mount(prefix, middleware) : middleware);
      app.use((ctx) => {
        if (['/host', '/v1/users'].includes(ctx.path)) ctx.body = 'host';
      });
      return listenForAdapterTest(createServer(app.callback()));
    },
    { describe, it },
  );

  it('takes a client that leaves a stream for no error of the app', async () => {
    const models = await startTestServer({ models: {} });
    let ended: () => void;
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    async function* ticks(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield Buffer.from('tick');
          await new Promise(setImmediate);
        }
      } finally {
        ended();
      }
    }
    const headers = { 'Content-Type': 'text/plain' };
    const createHttpExtension: CreateHttpExtension = () => ({
      paths: ['/ticks'],
      match: () => ({}),
      handle: () => ({ status: 200, headers, body: new Uint8Array(0), stream: ticks() }),
    });
    const app = new Framework();
    const errors: unknown[] = [];
    app.on('error', (error) => errors.push(error));
    const closed = new Promise<void>((resolve) => {
      app.use((ctx, next) => {
        ctx.res.once('close', () => setImmediate(resolve));
        return next();
      });
    });
    app.use(servingMiddleware(models.server, { extensions: [{ module: { createHttpExtension } }] }));
    const host = await listenForAdapterTest(createServer(app.callback()));
    const client = new AbortController();
    const answer = await fetch(`${host.url}/ticks`, { signal: client.signal });
    await answer.body!.getReader().read();
    client.abort();
    await Promise.all([end, closed]);
    expect(errors).toEqual([]);
    await host.close();
    await models.close();
  });

  it('shows middleware in front what it answers', async () => {
    const half = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
    const models = await startTestServer({ models: { half } });
    const seen: unknown[] = [];
    const app = new Framework();
    app.use(async (ctx, next) => {
      ctx.set('x-request-id', '7');
      await next();
      seen.push([ctx.status, String(ctx.body)]);
    });
    app.use(servingMiddleware(models.server));
    const host = await listenForAdapterTest(createServer(app.callback()));
    const url = `${host.url}/v1/models/half:predict`;
    const answer = await fetch(url, { method: 'POST', body: '{"inputs": [1]}', headers: { connection: 'close' } });
    expect(seen).toEqual([[200, await answer.text()]]);
    expect(answer.headers.get('x-request-id')).toBe('7');
    await host.close();
    await models.close();
  });
});
