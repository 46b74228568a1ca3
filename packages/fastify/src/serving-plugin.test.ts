import { createGunzip, createGzip } from 'node:zlib';
import { defineAdapterTestSuite, fakeServable, startTestServer } from '@serving/testing';
import fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { servingPlugin } from './serving-plugin.js';

const echo = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
const predict = { method: 'POST', url: '/v1/models/echo:predict', payload: '{"inputs": [1]}' } as const;

async function withApp(use: (app: FastifyInstance) => Promise<void>, prefix = ''): Promise<void> {
  const models = await startTestServer({ models: { echo } });
  const app = fastify();
  app.register(servingPlugin, { server: models.server, prefix });
  app.addHook('onClose', () => models.close());
  try {
    await use(app);
  } finally {
    await app.close();
  }
  expect(models.server.state).toBe('closed');
}

describe('servingPlugin', () => {
  defineAdapterTestSuite(
    async ({ server, options, prefix }) => {
      const app = fastify();
      app.register(servingPlugin, { server, ...options, prefix });
      for (const path of ['/host', '/v1/users']) app.get(path, () => 'host');
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      return { url, close: () => app.close() };
    },
    // Fastify's parsers belong to plugins; ours has its own.
    { describe, it, without: ['body-parser'] },
  );

  it('leaves the app its own parsers and limits', () =>
    withApp(async (app) => {
      app.post('/json', ({ body }) => ({ body }));
      const json = { method: 'POST', url: '/json', headers: { 'content-type': 'application/json' } } as const;
      expect((await app.inject({ ...json, payload: '{"a": 1}' })).json()).toEqual({ body: { a: 1 } });
      expect((await app.inject({ ...json, payload: ' '.repeat(2_000_000) })).statusCode).toBe(413);
      expect((await app.inject(predict)).json()).toEqual({ outputs: [1] });
    }));

  it('runs the app’s hooks, and reads the body that preParsing put in place', () =>
    withApp(async (app) => {
      const seen: string[] = [];
      app.addHook('onRequest', async ({ url }) => {
        seen.push(url);
      });
      app.addHook('preParsing', async ({ raw }, _reply, payload) => {
        raw.headers['content-encoding'] = 'gzip';
        return payload.pipe(createGzip());
      });
      app.addHook('onSend', async (_request, reply, payload) => {
        seen.push(`${reply.statusCode} ${String(payload)}`);
        return payload;
      });
      const { body } = await app.inject(predict);
      expect(seen).toEqual(['/v1/models/echo:predict', `200 ${body}`]);
      expect(JSON.parse(body)).toEqual({ outputs: [1] });
    }));

  it('answers a body that preParsing could not make sense of', () =>
    withApp(async (app) => {
      app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(createGunzip()));
      const answer = await app.inject(predict);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({ error: "Request body can't be read: incorrect header check" });
    }));

  it('answers below a prefix with parameters', () =>
    withApp(async (app) => {
      const answer = await app.inject({ ...predict, url: `/tenants/a%2Fb/ml${predict.url}` });
      expect(answer.json()).toEqual({ outputs: [1] });
    }, '/tenants/:tenant/ml'));

  it('asks for Fastify 5', () => {
    expect(Reflect.get(servingPlugin, Symbol.for('plugin-meta'))).toEqual({ name: '@serving/fastify', fastify: '5.x' });
  });
});
