import { createServer, type RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createFetchHandler, createNodeHandler } from '@serving/http';
import { Hono } from 'hono';
import { describe, it } from 'vitest';
import { defineAdapterTestSuite } from './adapter-test-suite.js';
import { listenForAdapterTest } from './listen-for-adapter-test.js';

describe('createNodeHandler', () => {
  defineAdapterTestSuite(
    async ({ server, options }) => {
      const handler = createNodeHandler(server, options);
      const listener: RequestListener = (request, response) =>
        handler(request, response, () => response.end(['/host', '/v1/users'].includes(request.url!) ? 'host' : ''));
      return listenForAdapterTest(createServer(listener));
    },
    { describe, it, without: ['prefix', 'body-parser'] },
  );
});

describe('createFetchHandler', () => {
  defineAdapterTestSuite(
    async ({ server, options }) =>
      listenForAdapterTest(createServer(getRequestListener(createFetchHandler(server, options)))),
    { describe, it, without: ['prefix', 'body-parser', 'host-routes'] },
  );
});

describe('createFetchHandler in Hono', () => {
  defineAdapterTestSuite(
    async ({ server, options, prefix }) => {
      const app = new Hono();
      const serve = createFetchHandler(server, options);
      for (const path of ['/host', '/v1/users']) app.get(path, (c) => c.text('host'));
      if (prefix) app.mount(prefix, serve);
      else
        for (const path of [
          '/v1/models',
          '/v1/models/*',
          '/v1/models:method',
          '/metrics',
          '/health/*',
          '/echo',
          '/echo/*',
        ])
          app.all(path, (c) => serve(c.req.raw));
      return listenForAdapterTest(createServer(getRequestListener(app.fetch)));
    },
    { describe, it, without: ['body-parser'] },
  );
});
