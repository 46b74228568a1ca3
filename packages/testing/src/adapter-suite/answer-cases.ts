/** What the REST API answers, whatever is around it. */
import assert from 'node:assert/strict';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, jsonOf, MODEL, PREDICT } from './suite-host.js';

export const answerCases: readonly AdapterCase[] = [
  adapterCase('predicts by rows, byte for byte', {}, async (host) => {
    const answer = await host.predict('{"instances": [1, 2]}');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const text = await answer.text();
    assert.equal(text, '{\n    "predictions": [2.5, 3.0\n    ]\n}');
    assert.equal(answer.headers.get('content-length'), String(text.length));
  }),

  adapterCase('predicts by columns, by version and by label', {}, async (host) => {
    for (const target of [PREDICT, `${MODEL}/versions/4:predict`, `${MODEL}/labels/stable:predict`]) {
      const answer = await host.fetch(target, { method: 'POST', body: '{"inputs": {"x": [[6]]}}' });
      assert.deepEqual(await jsonOf(answer), { outputs: [[5]] });
    }
  }),

  adapterCase('tells status and metadata', {}, async (host) => {
    const status = await host.fetch(MODEL);
    assert.equal(status.headers.get('content-type'), 'application/json');
    const { model_version_status } = (await jsonOf(status)) as { model_version_status: object[] };
    assert.deepEqual(model_version_status, [
      { version: '4', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
    ]);
    const metadata = (await jsonOf(host.fetch(`${MODEL}/metadata`))) as { model_spec: object };
    assert.deepEqual(metadata.model_spec, { name: 'half', signature_name: '', version: '4' });
  }),

  adapterCase('decodes the name in the path itself', {}, async (host) => {
    const answer = await host.fetch('/v1/models/gr%C3%B6%C3%9Fe%201:predict', {
      method: 'POST',
      body: '{"inputs": [0]}',
    });
    assert.deepEqual(await jsonOf(answer), { outputs: [2] });
  }),

  adapterCase('answers errors as JSON with their status', {}, async (host) => {
    const cases: readonly [target: string, init: RequestInit, status: number, error: RegExp][] = [
      ['/v1/models/nope', {}, 404, /nope/],
      ['/v1/models/nope:predict', { method: 'POST', body: '{"inputs": [1]}' }, 404, /^Servable not found.*nope/],
      [`${MODEL}/versions/7`, {}, 404, /version 7/],
      [PREDICT, { method: 'POST', body: '{"instances": [' }, 400, /JSON/],
      [PREDICT, { method: 'POST', body: '{"instances": ["a"]}' }, 400, /./],
      [`${MODEL}:explain`, { method: 'POST', body: '{}' }, 400, /^Malformed request: POST \/v1\/models\/half:explain$/],
      [PREDICT, {}, 400, /^Malformed request: GET /],
      [PREDICT, { method: 'PUT', body: '{}' }, 400, /^Malformed request: PUT /],
      [MODEL, { method: 'DELETE' }, 400, /^Malformed request: DELETE /],
      [`${MODEL}?verbose=1`, {}, 404, /half\?verbose=1/],
    ];
    for (const [target, init, status, expected] of cases) {
      const answer = await host.fetch(target, init as object);
      assert.equal(answer.status, status, target);
      assert.equal(answer.headers.get('content-type'), 'application/json', target);
      const { error } = (await jsonOf(answer)) as { error: string };
      assert.match(error, expected);
    }
  }),

  adapterCase('answers HEAD without a body', {}, async (host) => {
    const answer = await host.fetch(MODEL, { method: 'HEAD' });
    assert.equal(answer.status, 400);
    assert.notEqual(answer.headers.get('content-length'), '0');
    assert.equal(await answer.text(), '');
  }),

  adapterCase(
    'answers a page of another origin when CORS is enabled',
    { options: { enableCorsSupport: true } },
    async (host) => {
      const preflight = await host.fetch(PREDICT, { method: 'OPTIONS', headers: { origin: 'https://example.com' } });
      assert.equal(preflight.status, 200);
      assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST, GET');
      assert.equal(await preflight.text(), '');
      const answer = await host.predict('{"inputs": [1]}');
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    },
  ),

  adapterCase('answers OPTIONS without an origin with 400', {}, async (host) => {
    const answer = await host.fetch(PREDICT, { method: 'OPTIONS' });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  }),

  adapterCase('shows the metrics page at its path', { options: { prometheusPath: '/metrics' } }, async (host) => {
    await host.predict('{"inputs": [1]}');
    const page = await host.fetch('/metrics');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await page.text(), /request_count\{model_name="half",status="OK"\} 1/);
  }),

  adapterCase('tells its health at its path', { options: { healthPath: '/health' } }, async (host) => {
    assert.equal((await host.fetch('/health/ready')).status, 200);
    assert.equal((await host.fetch('/health/ready/nope')).status, 404);
  }),
];
