import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpHandler } from '../http-handler.js';
import { fakeModelServer } from './fake-model-server.test-support.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import { type RestHandler, restHandler } from './rest-handler.test-support.js';

function listen(): { told: string[]; requests: RequestTrace[] } {
  const told: string[] = [];
  const requests: RequestTrace[] = [];
  const stop = observeServing({
    onRequest: (request) => void requests.push(request),
    onStage: ({ stage, error }) => void told.push(error ? `${stage} ${error.code}` : stage),
    onResponse: ({ api, model, status }) => void told.push(`${api} ${model} ${status}`),
  });
  onTestFinished(stop);
  return { told, requests };
}

async function ask(handler: RestHandler, method: string, target: string, body = '', origin?: string) {
  return handler.handle({
    method,
    target,
    header: (name) => (name === 'origin' ? origin : undefined),
    body: Buffer.from(body),
  });
}

describe('HttpRestApiHandler on the diagnostics channels', () => {
  it.each<[string, string, string, string[]]>([
    ['POST', '/v1/models/half:predict', '{"instances": [1]}', ['decode', 'run', 'encode', 'Predict half OK']],
    ['POST', '/v1/models/half:predict', '{', ['decode INVALID_ARGUMENT', 'Predict half INVALID_ARGUMENT']],
    ['POST', '/v1/models/nope:predict', '{"inputs": 1}', ['decode NOT_FOUND', 'Predict nope NOT_FOUND']],
    [
      'POST',
      '/v1/models/half:classify',
      '{"examples": [{}]}',
      ['decode INVALID_ARGUMENT', 'Classify half INVALID_ARGUMENT'],
    ],
    ['GET', '/v1/models/half', '', ['GetModelStatus half OK']],
    ['GET', '/v1/models/half/metadata', '', ['GetModelMetadata half OK']],
    ['GET', '/v1/zzz', '', ['  INVALID_ARGUMENT']],
    ['OPTIONS', '/v1/zzz', '', ['  FAILED_PRECONDITION']],
    ['GET', '/elsewhere', '', []],
  ])('tells %s %s %s', async (method, target, body, expected) => {
    for (const cheap of [false, true]) {
      const { told } = listen();
      await ask(restHandler(fakeModelServer({ cheap })), method, target, body);
      expect(told).toEqual(expected);
    }
  });

  it('gives listeners the version, the signature and the headers', async () => {
    const { requests } = listen();
    const server = fakeModelServer();
    await ask(restHandler(server), 'POST', '/v1/models/half:predict', '{"inputs": 1}', 'here');
    expect(requests[0]).toMatchObject({ server, entrypoint: 'REST', version: 4, signature: 'serving_default' });
    expect(requests[0]?.headers?.header('origin')).toBe('here');
  });

  it.each<[HttpRestApiOptions, string, string]>([
    [{ metrics: { metrics: () => 'a 1\n' } }, '/monitoring/prometheus/metrics', 'text/plain'],
    [{ metrics: { metrics: async () => 'a 1\n', contentType: 'text/x' }, prometheusPath: '/m' }, '/m', 'text/x'],
  ])('shows the metrics page that it is given', async (options, path, contentType) => {
    const handler = restHandler(fakeModelServer(), options);
    expect(new HttpHandler(fakeModelServer(), options).match('GET', path)).toBeDefined();
    const { status, headers, body } = await ask(handler, 'GET', path);
    expect([status, headers['Content-Type'], Buffer.from(body).toString()]).toEqual([200, contentType, 'a 1\n']);
  });

  it('has health endpoints where the options say so', async () => {
    const handler = restHandler(fakeModelServer(), { healthPath: '/health' });
    expect((await ask(handler, 'GET', '/health/live')).status).toBe(200);
    expect((await ask(handler, 'GET', '/health/ready')).status).toBe(200);
    expect((await ask(handler, 'GET', '/health/ready/nope')).status).toBe(503);
  });
});
