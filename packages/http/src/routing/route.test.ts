import { describe, expect, it } from 'vitest';
import { isOwnTarget, routeRequest } from './route.js';

const METRICS = '/monitoring/prometheus/metrics';

describe('routeRequest', () => {
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
    expect(routeRequest(method, target, {})).toEqual({ kind: 'html-page', status });
  });

  it.each([
    ['PUT', '/v1/models/m'],
    ['HEAD', '/v1/models/m'],
    ['GET', '/v1/'],
    ['GET', '/v1/foo?a=b?c'],
  ])('calls %s %s malformed', (method, target) => {
    expect(routeRequest(method, target, {})).toMatchObject({
      kind: 'malformed',
      request: `${method} ${target}`,
    });
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
    expect(routeRequest('GET', target, {})).toEqual({ kind: 'status', spec: { model: 'm' } });
  });

  it('answers OPTIONS wherever it goes below /v1/', () => {
    expect(routeRequest('OPTIONS', '/v1/zzz', {})).toEqual({ kind: 'options' });
  });

  it('has a metrics page where the options name one, by its exact path', () => {
    expect(routeRequest('PUT', METRICS, { metrics: METRICS })).toEqual({ kind: 'metrics' });
    expect(routeRequest('GET', `${METRICS}?`, { metrics: METRICS })).toEqual({
      kind: 'metrics-malformed',
      target: `${METRICS}?`,
    });
    expect(routeRequest('GET', `${METRICS}/`, { metrics: METRICS })).toEqual({ kind: 'html-page', status: 404 });
    expect(routeRequest('GET', METRICS, {})).toEqual({ kind: 'html-page', status: 404 });
    expect(routeRequest('GET', '/v1/metrics', { metrics: '/v1/metrics' })).toEqual({ kind: 'metrics' });
  });
});

describe('routeRequest with a health path', () => {
  it.each([
    ['/health/live', { kind: 'live' }],
    ['/health/ready?verbose', { kind: 'ready' }],
    ['/health/ready/a%2Fb', { kind: 'ready', model: 'a/b' }],
  ])('takes %s', (target, question) => {
    expect(routeRequest('GET', target, { health: '/health' })).toEqual({ kind: 'health', question });
    expect(isOwnTarget(target, { health: '/health' })).toBe(true);
    expect(routeRequest('GET', target, {})).toEqual({ kind: 'html-page', status: 404 });
    expect(isOwnTarget(target, {})).toBe(false);
  });

  it.each(['/health', '/health/', '/health/ready/', '/health/other', '/healthy/live'])('leaves %s alone', (target) => {
    expect(routeRequest('GET', target, { health: '/health' })).toEqual({ kind: 'html-page', status: 404 });
  });
});

describe('isOwnTarget', () => {
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
  ])('of %s is %s', (target, expected) => {
    expect(isOwnTarget(target, { metrics: METRICS })).toBe(expected);
  });
});
