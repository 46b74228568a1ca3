import { systemClock } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { HttpHandler } from './http-handler.js';
import { fakeModelServer } from './rest/fake-model-server.test-support.js';
import type { HttpRestApiOptions } from './rest/http-rest-api-options.js';
import type { HttpRoute } from './routing/http-extension.js';
import { pageStatus } from './routing/route.js';

const METRICS = '/monitoring/prometheus/metrics';

/** `undefined`: the target is a host's. */
function routeOf(method: string, target: string, options: HttpRestApiOptions = {}): HttpRoute | undefined {
  return new HttpHandler(fakeModelServer(), options).match(method, target)?.route;
}

function fallbackOf(method: string, target: string): HttpRoute {
  return new HttpHandler(fakeModelServer()).fallback(method, target).route;
}

const isOwn = (target: string, options: HttpRestApiOptions = {}): boolean =>
  routeOf('GET', target, options) !== undefined;

describe('pageStatus', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/v1', 404],
    ['GET', '/v2/models/m', 404],
    ['POST', '//v1/models/m:predict', 404],
    ['OPTIONS', '*', 404],
    ['GET', 'v1/models/m', 404],
    ['GET', 'http://host', 404],
    ['GET', '/v1/models/m%zz', 400],
    ['GET', '/v1/models/m%2', 400],
    ['GET', '/v1/models/a b', 400],
    ['GET', '/v1/models/é', 400],
    ['GET', '/v1/models/<m>', 400],
    ['GET', '/v1/models/m#a#b', 400],
    ['GET', 'http://host:65536/v1/models/m', 400],
    ['GET', 'http://host:port/v1/models/m', 400],
    ['GET', 'http://host:-1/v1/models/m', 400],
    ['GET', 'http://host:1:2/v1/models/m', 400],
    ['GET', 'http://a@b@c/v1/models/m', 400],
    ['GET', 'http://host%4/v1/models/m', 400],
    ['GET', 'http://ho<st/v1/models/m', 400],
    ['GET', 'http://[::1/v1/models/m', 400],
    ['GET', '1http://host/v1/models/m', 400],
    ['GET', 'm:predict/v1', 404],
    ['GET', 'm_1:predict', 400],
    ['GET', 'http://host?/v1/models/m', 404],
    ['GET', '//host/v1/models/m', 404],
    ['TRACE', '/v1/models/m', 501],
    ['get', '/v1/models/m', 501],
  ])('answers %s %s with the page of a %i', (method, target, status) => {
    expect(pageStatus(method, target)).toBe(status);
    const answer = new HttpHandler(fakeModelServer()).fallback(method, target);
    expect(answer.extension.handle(answer.route, undefined as never)).toMatchObject({ status });
  });
});

describe('HttpHandler matching a target', () => {
  it.each([
    ['PUT', '/v1/models/m'],
    ['HEAD', '/v1/models/m'],
    ['GET', '/v1/'],
    ['GET', '/v1/foo?a=b?c'],
  ])('calls %s %s malformed', (method, target) => {
    expect(fallbackOf(method, target)).toMatchObject({ kind: 'malformed', request: `${method} ${target}` });
  });

  it.each([
    'http://127.0.0.1:8501/v1/models/m',
    'HTTPS://[::1]:65535/v1/models/m',
    'x+y://host/v1/models/m',
    'http:///v1/models/m',
    'http://host:/v1/models/m',
    'http://host:00080/v1/models/m',
    'http://h%41-_.~!$/v1/models/m',
    'http://user:pass@host:80/v1/models/m',
  ])('takes %s for its path', (target) => {
    expect(routeOf('GET', target)).toEqual({ kind: 'status', spec: { model: 'm' } });
  });

  it('answers OPTIONS wherever it goes below /v1/', () => {
    expect(fallbackOf('OPTIONS', '/v1/zzz')).toEqual({ kind: 'options' });
  });

  it('has a metrics page where the options name one, by its exact path', () => {
    const options = { prometheusPath: METRICS };
    expect(routeOf('PUT', METRICS, options)).toEqual({ target: METRICS });
    expect(routeOf('GET', `${METRICS}?`, options)).toEqual({ target: `${METRICS}?` });
    expect(routeOf('GET', `${METRICS}/`, options)).toBeUndefined();
    expect(routeOf('GET', METRICS)).toBeUndefined();
    expect(routeOf('GET', '/v1/models', { prometheusPath: '/v1/models' })).toEqual({ target: '/v1/models' });
  });
});

describe('HttpHandler with a health path', () => {
  it.each([
    ['/health/live', { kind: 'live' }],
    ['/health/ready?verbose', { kind: 'ready' }],
    ['/health/ready/a%2Fb', { kind: 'ready', model: 'a/b' }],
  ])('takes %s', (target, question) => {
    expect(routeOf('GET', target, { healthPath: '/health' })).toEqual(question);
    expect(routeOf('GET', target)).toBeUndefined();
  });

  it.each(['/health', '/health/', '/health/ready/', '/health/other', '/healthy/live'])('leaves %s alone', (target) => {
    expect(routeOf('GET', target, { healthPath: '/health' })).toBeUndefined();
  });
});

describe('HttpHandler beside routes of a host', () => {
  it.each([
    ['/v1/models', true],
    ['/V1/models/m:predict', true],
    ['/v1/models?x', true],
    ['/v1/models/m%zz', true],
    ['http://host/v1/models/m', true],
    [METRICS, true],
    ['/v1/users', false],
    ['/v1/modelsfoo', false],
    ['/', false],
  ])('matches %s: %s', (target, expected) => {
    expect(isOwn(target, { prometheusPath: METRICS })).toBe(expected);
  });

  it.each([
    ['POST', '/v1/models/half:predict', true, true],
    ['GET', '/v1/models/half', true, false],
    ['PUT', '/v1/models/half', true, false],
    ['OPTIONS', '/v1/models/half', true, false],
    ['GET', '/v1/models/%zz', true, false],
    ['TRACE', '/v1/models/half', false, false],
    ['OPTIONS', '/v1/users', false, false],
    ['GET', '/v1/users', false, false],
    ['GET', '/', false, false],
  ])('matches %s %s: %s, with a body: %s', (method, target, own, body) => {
    const route = new HttpHandler(fakeModelServer()).match(method, target);
    expect(route !== undefined).toBe(own);
    expect(route?.takesBody ?? false).toBe(body);
  });
});

describe('the context of an extension', () => {
  const module = new URL('../fixtures/settings-extension.mjs', import.meta.url);
  const clock = { ...systemClock, now: () => 5 };
  const answerOf = async (method: string, options: HttpRestApiOptions = {}, headers = {}, signal?: AbortSignal) => {
    const handler = new HttpHandler(fakeModelServer(), { extensions: [{ module }], clock, ...options });
    const target = '/settings';
    const all: Readonly<Record<string, string>> = { origin: 'http://page', ...headers };
    const request = { method, target, header: (name: string) => all[name], body: undefined, ...(signal && { signal }) };
    return handler.handle(handler.match(method, target)!, request);
  };

  it('has the limits, the clock and the CORS headers of the API', async () => {
    const options = { timeoutMs: 7, maxBodyBytes: 8, maxResponseBytes: 9, enableCorsSupport: true };
    const { headers, body } = await answerOf('GET', options);
    const settings = { timeoutMs: 7, maxBodyBytes: 8, maxResponseBytes: 9, now: 5, slices: 3 };
    expect(JSON.parse(Buffer.from(body).toString())).toEqual(settings);
    expect(headers).toMatchObject({ 'Access-Control-Allow-Origin': '*' });
    expect((await answerOf('OPTIONS', options)).headers).toMatchObject({ 'Access-Control-Allow-Methods': 'POST, GET' });
  });

  it('has the defaults of the API', async () => {
    const { headers, body } = await answerOf('GET');
    const limits = { maxBodyBytes: 64 * 1024 * 1024, maxResponseBytes: 256 * 1024 * 1024 };
    const settings = { timeoutMs: 30_000, ...limits, now: 5, slices: 3 };
    expect(JSON.parse(Buffer.from(body).toString())).toEqual(settings);
    expect(headers).toEqual({});
  });

  it('ends work in slices when the client goes, and at its deadline', async () => {
    expect((await answerOf('GET', {}, {}, AbortSignal.abort())).status).toBe(499);
    expect((await answerOf('GET', {}, { deadline: '5' })).status).toBe(504);
    expect((await answerOf('GET', {}, { deadline: '6' })).status).toBe(200);
  });
});

describe('new HttpHandler', () => {
  it('refuses extensions that are not a list, and says what turns binary bodies off', () => {
    expect(() => new HttpHandler(fakeModelServer(), { extensions: false as never })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'extensions: expected a list of { module, options }; binaryFormats: false turns binary bodies off',
      }),
    );
  });
});
