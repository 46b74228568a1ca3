import { createServer } from 'node:http';
import {
  type AdapterUnderTest,
  defineAdapterTestSuite,
  fakeServable,
  listenForAdapterTest,
  startTestServer,
} from '@serving/testing';
import express, { type Handler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import * as express5 from './serving-router.js';

// Express 4 as a host has it that has no other: the router is one of its own too.
vi.doMock('express', () => import('express4'));
vi.resetModules();
const express4 = { ...(await import('./serving-router.js')), express: (await import('express4')).default };
vi.doUnmock('express');

describe.each([
  ['Express 4', express4.express, express4.servingRouter],
  ['Express 5', express, express5.servingRouter],
])('servingRouter in %s', (_version, framework, servingRouter) => {
  defineAdapterTestSuite(
    async ({ server, options, prefix, bodyParser }) => {
      const app = framework();
      if (bodyParser) app.use(framework.json());
      app.use(prefix || '/', servingRouter(server, options));
      app.get(['/host', '/v1/users'], (_request, response) => {
        response.send('host');
      });
      return listenForAdapterTest(createServer(app));
    },
    { describe, it },
  );

  it.each<[string, Handler]>([
    ['express.raw()', framework.raw({ type: '*/*' })],
    ['express.text()', framework.text({ type: '*/*' })],
  ])('answers with %s in front', async (_what, parser) => {
    const half = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
    const models = await startTestServer({ models: { half } });
    const host: AdapterUnderTest = await listenForAdapterTest(
      createServer(framework().use(parser, servingRouter(models.server))),
    );
    const url = `${host.url}/v1/models/half:predict`;
    const answer = await fetch(url, { method: 'POST', body: '{"inputs": [1]}', headers: { connection: 'close' } });
    expect(await answer.json()).toEqual({ outputs: [1] });
    await host.close();
    await models.close();
  });

  /** What README's curl sends: JSON with the content type of a form. */
  async function curl(...parsers: Handler[]): Promise<{ readonly status: number; readonly body: unknown }> {
    const half = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
    const models = await startTestServer({ models: { half } });
    const app = framework();
    for (const parser of parsers) app.use(parser);
    const host = await listenForAdapterTest(createServer(app.use(servingRouter(models.server))));
    const answer = await fetch(`${host.url}/v1/models/half:predict`, {
      method: 'POST',
      body: '{"inputs": [1.0, NaN]}',
      headers: { connection: 'close', 'content-type': 'application/x-www-form-urlencoded' },
    });
    const text = await answer.text();
    await host.close();
    await models.close();
    return { status: answer.status, body: answer.ok ? text : JSON.parse(text) };
  }

  it('says that express.urlencoded() in front has consumed the body', async () => {
    expect(await curl(framework.urlencoded({ extended: true }))).toEqual({
      status: 400,
      body: {
        error: expect.stringMatching(
          /^Request body can't be read: A form parser has consumed it, .*"request\.rawBody"/,
        ),
      },
    });
  });

  it('reads the bytes that express.urlencoded() leaves in rawBody', async () => {
    const verify = (request: object, _response: unknown, rawBody: Buffer): void =>
      void Object.assign(request, { rawBody });
    const { status, body } = await curl(framework.urlencoded({ extended: true, verify }));
    expect([status, body]).toEqual([200, expect.stringContaining('NaN')]);
  });

  it('reads a body of a form type behind express.json()', async () => {
    expect(await curl(framework.json())).toMatchObject({ status: 200 });
  });
});
