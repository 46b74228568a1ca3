import { gzipSync } from 'node:zlib';
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import { fakeModelServer } from './fake-model-server.test-support.js';
import { type RestHandler, restHandler } from './rest-handler.test-support.js';

const PREDICT = '/v1/models/half:predict';

function request(
  method: string,
  target: string,
  more: Partial<HttpRequest> & { headers?: Record<string, string> } = {},
) {
  const { headers = {}, ...rest } = more;
  return { method, target, body: undefined, header: (name: string) => headers[name], ...rest };
}

const predict = (body: string | Uint8Array, target = PREDICT, headers: Record<string, string> = {}) =>
  request('POST', target, { body: Buffer.from(body), headers });

async function ask(handler: RestHandler, asked: HttpRequest) {
  const { status, headers, body } = await handler.handle(asked);
  return { status, headers, text: Buffer.from(body).toString() };
}

const jsonHeaders = (text: string) => ({ 'Content-Type': 'application/json', 'Content-Length': String(text.length) });
const errorText = (text: string): unknown => (JSON.parse(text) as { error: unknown }).error;

describe('HttpRestApiHandler predicting', () => {
  it.each([
    ['{"instances": [1.0, 2, 5.0]}', PREDICT, '{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'],
    ['{"inputs": {"x": [1]}}', '/v1/models/half/versions/4:predict', '{\n    "outputs": [\n        2.5\n    ]\n}'],
    ['{"inputs": 1}', '/v1/models/half/labels/stable:predict', '{\n    "outputs": 2.5\n}'],
    ['{"signature_name": "serving_default", "inputs": 1}', PREDICT, '{\n    "outputs": 2.5\n}'],
    ['{"signature_name": "", "inputs": 1}', PREDICT, '{\n    "outputs": 2.5\n}'],
  ])('answers %s', async (body, target, expected) => {
    const server = fakeModelServer();
    const answer = await ask(restHandler(server), predict(body, target));
    expect(answer).toEqual({ status: 200, headers: jsonHeaders(expected), text: expected });
    expect(server.held()).toBe(0);
  });

  it.each([
    ['{', '/v1/models/nope:predict', 400, /^JSON Parse error: Missing a name/],
    ['', PREDICT, 400, /^JSON Parse error: The document is empty$/],
    ['{"signature_name": 1}', '/v1/models/nope:predict', 400, /signature_name/],
    ['{"inputs": "x"}', '/v1/models/nope:predict', 404, /^Servable not found for request: Latest\(nope\)$/],
    [
      '{"inputs": 1}',
      '/v1/models/half/versions/5:predict',
      404,
      /^Servable not found for request: Specific\(half, 5\)$/,
    ],
    [
      '{"inputs": 1}',
      '/v1/models/half/versions/9223372036854775807:predict',
      404,
      /^Servable not found for request: Specific\(half, 9223372036854775807\)$/,
    ],
    ['{"inputs": 1}', '/v1/models/half/labels/new:predict', 400, /^Unrecognized servable version label: new$/],
    [
      '{"signature_name": "s", "inputs": "x"}',
      PREDICT,
      400,
      /^Serving signature name: "s" not found in signature def$/,
    ],
    ['{"signature_name": "empty", "inputs": 1}', PREDICT, 400, /^Failed to get input map for signature: empty$/],
    ['{"inputs": "x"}', PREDICT, 400, /^JSON Value: "x" Type: String is not of expected type: float$/],
    ['{}', PREDICT, 400, /^Missing 'inputs' or 'instances' key$/],
  ])('refuses %s for %s with %i', async (body, target, status, message) => {
    const server = fakeModelServer();
    const answer = await ask(restHandler(server), predict(body, target));
    expect(answer.status).toBe(status);
    expect(errorText(answer.text)).toMatch(message);
    expect(server.held()).toBe(0);
  });

  it('shows names as the bytes that they came as', async () => {
    const { body } = await restHandler(fakeModelServer()).handle(
      predict('{"inputs": 1}', '/v1/models/mod%E9l:predict'),
    );
    const expected = '{\n    "error": "Servable not found for request: Latest(mod\xe9l)"\n}';
    expect(Buffer.from(body).toString('latin1')).toBe(expected);
  });

  it('takes a body that something in front has parsed', async () => {
    const parsed = request('POST', PREDICT, { parsedBody: { instances: [1, 2] } });
    expect((await ask(restHandler(fakeModelServer()), parsed)).text).toContain('[2.5, 3.0');
  });

  it('inflates gzip, ignores other encodings, and finds a broken member empty', async () => {
    const handler = restHandler(fakeModelServer());
    const body = '{"inputs": 1}';
    const zipped = gzipSync(body);
    const ok = '{\n    "outputs": 2.5\n}';
    expect((await ask(handler, predict(zipped, PREDICT, { 'content-encoding': 'x-gzip' }))).text).toBe(ok);
    expect((await ask(handler, predict(body, PREDICT, { 'content-encoding': 'br' }))).text).toBe(ok);
    const broken = await ask(handler, predict(body, PREDICT, { 'content-encoding': 'gzip' }));
    expect(errorText(broken.text)).toBe('JSON Parse error: The document is empty');
  });

  it('answers with the status and text of a failing run, and releases the version', async () => {
    const text = 'graph said no\n\t [[{{node a}}]]';
    const server = fakeModelServer({
      duringRun: () => {
        throw new ServingError('RESOURCE_EXHAUSTED', text);
      },
    });
    const answer = await ask(restHandler(server), predict('{"inputs": 1}'));
    expect(answer.status).toBe(429);
    expect(errorText(answer.text)).toBe(text);
    expect(server.held()).toBe(0);
  });

  it('says that a run timed out in the words of TensorFlow Serving, but leaves other texts of that code alone', async () => {
    let now = 1000;
    const clock: Clock = { ...systemClock, now: () => now };
    const late = { takes: 0 };
    const duringRun = async (): Promise<never> => {
      await Promise.resolve();
      now += late.takes;
      throw new ServingError('DEADLINE_EXCEEDED', 'the queue was closed');
    };
    const handler = restHandler(fakeModelServer({ duringRun }), { clock, timeoutMs: 50 });
    const early = await ask(handler, predict('{"inputs": 1}'));
    expect([early.status, errorText(early.text)]).toEqual([504, 'the queue was closed']);
    late.takes = 50;
    const timedOut = await ask(handler, predict('{"inputs": 1}'));
    expect([timedOut.status, errorText(timedOut.text)]).toEqual([504, 'Timed out waiting for notification']);
  });

  it('answers at once what the model server runs at once, using neither signal nor clock', () => {
    const server = fakeModelServer({ cheap: true });
    const clock: Clock = { ...systemClock, now: () => expect.fail('asked for the time') };
    const asked = {
      ...predict('{"instances": [1.0, 2.0]}'),
      get signal() {
        return expect.fail('asked for a signal');
      },
    };
    const answered = restHandler(server, { clock }).handle(asked) as HttpResponse;
    expect(answered.status).toBe(200);
    expect(JSON.parse(Buffer.from(answered.body).toString())).toEqual({ predictions: [2.5, 3] });
    expect(server.held()).toBe(0);
  });

  it.each(['{', '{"inputs": "x"}', '{"signature_name": "nope", "inputs": 1}'])('answers %s at once', (body) => {
    const server = fakeModelServer();
    const answered = restHandler(server).handle(predict(body)) as HttpResponse;
    expect([answered.status, server.held()]).toEqual([400, 0]);
  });

  it('answers 500 for an error that is not of ours', async () => {
    const server = fakeModelServer({
      duringRun: () => {
        throw new TypeError('oops');
      },
    });
    expect((await ask(restHandler(server), predict('{"inputs": 1}'))).status).toBe(500);
  });

  it.each([
    [undefined, 31_000],
    [5, 1005],
    [false, undefined],
  ] as const)('with a time-out of %s gives the run a deadline of %s', async (timeoutMs, deadline) => {
    const clock: Clock = { ...systemClock, now: () => 1000 };
    const server = fakeModelServer();
    const handler = restHandler(server, timeoutMs === undefined ? { clock } : { clock, timeoutMs });
    await handler.handle(predict('{"inputs": 1}'));
    expect(server.lastOptions()?.deadline).toBe(deadline);
  });

  it('hands the client’s signal to the run', async () => {
    const server = fakeModelServer();
    const { signal } = new AbortController();
    await restHandler(server).handle({ ...predict('{"inputs": 1}'), signal });
    expect(server.lastOptions()?.signal).toBe(signal);
  });
});

describe('HttpRestApiHandler answering GET', () => {
  const handler = restHandler(fakeModelServer());

  it('tells the status of every version, whatever label is named', async () => {
    const expected = `{
 "model_version_status": [
  {
   "version": "4",
   "state": "AVAILABLE",
   "status": {
    "error_code": "OK",
    "error_message": ""
   }
  },
  {
   "version": "3",
   "state": "END",
   "status": {
    "error_code": "DATA_LOSS",
    "error_message": "Bad \\u003cfile\\u003e \\"a\\"\\n\\u007f\\u2028é"
   }
  }
 ]
}
`;
    expect((await ask(handler, request('GET', '/v1/models/half'))).text).toBe(expected);
    expect((await ask(handler, request('GET', '/v1/models/half/labels/nope'))).text).toBe(expected);
  });

  it('tells the status of one version', async () => {
    const { text } = await ask(handler, request('GET', '/v1/models/half/versions/3'));
    expect(JSON.parse(text)).toMatchObject({ model_version_status: [{ version: '3' }] });
  });

  it('tells the metadata', async () => {
    const { status, text } = await ask(handler, request('GET', '/v1/models/half/labels/stable/metadata'));
    expect(status).toBe(200);
    expect(text).toBe(`{
"model_spec":{
 "name": "half",
 "version": "4",
 "signature_name": ""
}
,
"metadata": {"signature_def": {
 "signature_def": {
  "s": {
   "inputs": {},
   "outputs": {},
   "method_name": "tensorflow/serving/predict",
   "defaults": {}
  }
 }
}
}
}
`);
  });

  it('lists the models where the options say so', async () => {
    const listing = restHandler({ ...fakeModelServer(), modelNames: ['half', 'empty'] }, { listModels: true });
    const { status, text } = await ask(listing, request('GET', '/v1/models'));
    expect(status).toBe(200);
    const { models } = JSON.parse(text) as { models: { name: string; model_version_status: unknown[] }[] };
    expect(models.map(({ name }) => name)).toEqual(['half', 'empty']);
    expect(models[0]?.model_version_status).toEqual(
      JSON.parse((await ask(listing, request('GET', `/v1/models/${models[0]?.name}`))).text).model_version_status,
    );
    expect(models[1]?.model_version_status).toEqual([]);
    expect((await ask(listing, request('GET', '/v1/models/versions/12'))).status).toBe(400);
    expect((await ask(listing, request('POST', '/v1/models'))).status).toBe(400);
  });

  it.each([
    ['/v1/models', 400, 'Missing model name in request.'],
    ['/v1/models/versions/12', 400, 'Missing model name in request.'],
    ['/v1/foo', 400, 'Malformed request: GET /v1/foo'],
    ['/v1/models/m?x=1', 404, 'Could not find any versions of model m?x=1'],
    ['/v1/models/half/versions/9', 404, 'Could not find version 9 of model half'],
    ['/v1/models/half/versions/9007199254740993', 404, 'Could not find version 9007199254740993 of model half'],
    ['/v1/models/nope/metadata', 404, 'Servable not found for request: Latest(nope)'],
    ['/v1/models/nope/labels/stable/metadata', 400, 'Unrecognized servable version label: stable'],
    ['/v1/models/half/labels/nope/metadata', 400, 'Unrecognized servable version label: nope'],
  ])('refuses %s with %i', async (target, status, message) => {
    const answer = await ask(handler, request('GET', target));
    expect(answer.status).toBe(status);
    expect(errorText(answer.text)).toBe(message);
  });

  it('answers a version beyond int64 with an empty body', async () => {
    const answer = await ask(handler, request('GET', '/v1/models/half/versions/9223372036854775808'));
    expect(answer).toEqual({ status: 400, headers: jsonHeaders(''), text: '' });
  });
});

describe('HttpRestApiHandler answering the rest', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('calls %s malformed', async (method) => {
    const answer = await ask(restHandler(fakeModelServer()), request(method, PREDICT));
    expect(answer.status).toBe(400);
    expect(errorText(answer.text)).toBe(`Malformed request: ${method} ${PREDICT}`);
  });

  it('answers what is not the API’s with a page that closes the connection', async () => {
    expect(await ask(restHandler(fakeModelServer()), request('GET', '/v2/models/m'))).toEqual({
      status: 404,
      headers: { 'Content-Type': 'text/html', 'Content-Length': '90', Connection: 'close' },
      text: '<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n',
    });
  });

  it.each([
    [{ origin: 'http://example.com' }, 200],
    [{ origin: 'xhttps://example.com' }, 200],
    [{ origin: 'null' }, 400],
    [{ origin: 'HTTP://EXAMPLE.COM' }, 400],
    [{}, 400],
  ])('answers OPTIONS with headers %o by %i', async (headers, status) => {
    const answer = await ask(restHandler(fakeModelServer()), request('OPTIONS', '/v1/zzz', { headers }));
    expect(answer).toEqual({
      status,
      headers: { 'Content-Type': 'text/html; charset=ISO-8859-1', 'Content-Length': '0' },
      text: '',
    });
  });

  it('with CORS support lets pages of any origin read answers, errors and preflights', async () => {
    const handler = restHandler(fakeModelServer(), { enableCorsSupport: true });
    const cors = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'POST, GET',
      'Access-Control-Allow-Headers': 'Content-Type',
    };
    for (const asked of [
      predict('{"inputs": 1}'),
      predict('{'),
      request('OPTIONS', '/v1/models'),
      request('GET', '/v1/models/half/versions/9223372036854775808'),
    ]) {
      expect((await handler.handle(asked)).headers).toMatchObject(cors);
    }
    expect((await handler.handle(request('GET', '/'))).headers).not.toMatchObject(cors);
  });

  it('counts what is asked under /v1/ and shows it to Prometheus', async () => {
    const path = '/monitoring/prometheus/metrics';
    const handler = restHandler(fakeModelServer(), { prometheusPath: path });
    for (const asked of [
      predict('{"inputs": 1}'),
      predict('{'),
      request('GET', '/v1/models/no%70e'),
      request('GET', '/v1/models/half/versions/9223372036854775808'),
      request('GET', '/v1/models/a%0Aforged'),
      request('OPTIONS', '/v1/zzz'),
      request('GET', '/'),
      request('GET', path),
    ]) {
      await handler.handle(asked);
    }
    const page = await ask(handler, request('POST', path));
    expect(page.headers).toMatchObject({ 'Content-Type': 'text/plain' });
    const counts = page.text.split('\n').slice(1, -1);
    expect(counts.map((line) => line.replace(/^:tensorflow:serving:request_count/, ''))).toEqual([
      '{model_name="half",status="OK"} 1',
      '{model_name="half",status="INVALID_ARGUMENT"} 2',
      '{model_name="nope",status="NOT_FOUND"} 1',
      '{model_name="a\\nforged",status="NOT_FOUND"} 1',
      '{model_name="",status="FAILED_PRECONDITION"} 1',
    ]);
    const wrong = await ask(handler, request('GET', `${path}?x`));
    expect(wrong).toMatchObject({ status: 400, text: `Unexpected path: ${path}?x. Should be ${path}` });
  });

  it('goes on answering when targets are many and long', async () => {
    const handler = restHandler(fakeModelServer());
    for (let i = 0; i < 3000; i++) await handler.handle(request('GET', `/v1/models/m${i}${'x'.repeat(i)}`));
    expect((await ask(handler, predict('{"inputs": 1}'))).status).toBe(200);
  });
});
