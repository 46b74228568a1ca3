/** Extensions of the application, below the same mount point. */
import assert from 'node:assert/strict';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, jsonOf, MODEL, type SuiteHostOptions } from './suite-host.js';

const module = new URL('../../fixtures/echo-extension.cjs', import.meta.url);
const withEcho: SuiteHostOptions = { options: { extensions: [{ module, options: { maxBodyBytes: 20 } }] } };
const prefix = '/ml/serving';
const post = (body: string) => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });

export const extensionCases: {
  readonly atTheRoot: readonly AdapterCase[];
  readonly belowPrefix: readonly AdapterCase[];
  readonly behindBodyParser: readonly AdapterCase[];
} = {
  atTheRoot: [
    adapterCase('answers the targets of an extension', withEcho, async (host) => {
      assert.equal(await (await host.fetch('/echo/a%20b?c=d')).text(), 'GET /echo/a%20b?c=d of 1 version');
      assert.equal((await host.fetch('/echo/other', { method: 'DELETE' })).status, 200);
    }),

    adapterCase('lets the API’s own routes win over an extension', withEcho, async (host) => {
      assert.equal((await host.fetch(MODEL)).headers.get('content-type'), 'application/json');
      assert.deepEqual(await jsonOf(host.predict('{"inputs": [1]}')), { outputs: [2.5] });
    }),

    adapterCase('reads bodies for an extension, up to its own limit', withEcho, async (host) => {
      assert.equal(await (await host.fetch('/echo', post('{"a":1}'))).text(), '{"a":1}');
      const refused = await host.fetch('/echo', post(`"${'x'.repeat(19)}"`));
      assert.equal(refused.status, 413);
      assert.deepEqual(await jsonOf(refused), { error: 'Request body is larger than 20 bytes' });
    }),

    adapterCase('answers with the error that an extension throws or rejects with', withEcho, async (host) => {
      for (const [target, error] of [
        ['/echo/fail', 'the extension failed'],
        ['/echo/reject', 'the extension rejected'],
      ] as const) {
        const answer = await host.fetch(target);
        assert.equal(answer.status, 500);
        assert.deepEqual(await jsonOf(answer), { error });
      }
    }),

    adapterCase(
      'sends a stream of an extension piece by piece, and ends it when the client goes',
      withEcho,
      async (host) => {
        const client = new AbortController();
        const answer = await host.fetch('/echo/stream', { signal: client.signal });
        assert.equal(answer.headers.get('content-type'), 'text/event-stream');
        assert.equal(answer.headers.get('content-length'), null);
        const { value } = (await answer.body?.getReader().read()) ?? {};
        assert.equal(Buffer.from(value ?? []).toString(), 'first piece');
        client.abort();
        while ((await (await host.fetch('/echo/streams')).text()) !== '0');
      },
    ),
  ],

  belowPrefix: [
    adapterCase('answers the targets of an extension there too', { ...withEcho, prefix }, async (host) => {
      assert.equal(await (await host.fetch('/echo/x')).text(), 'GET /echo/x of 1 version');
      assert.doesNotMatch(await (await host.fetchHost('/echo/x')).text(), /version/);
    }),
  ],

  behindBodyParser: [
    adapterCase('hands an extension what the parser made', { ...withEcho, bodyParser: true }, async (host) => {
      assert.equal(
        await (await host.fetch('/echo', post('{"a": 1}'))).text().then((text) => text.replace(' ', '')),
        '{"a":1}',
      );
    }),
  ],
};
