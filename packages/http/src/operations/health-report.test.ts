import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelServerState, ModelVersionStatus } from '@serving/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHealthHandler } from './health-handler.js';
import { type HealthSource, healthReport } from './health-report.js';

const ok = { errorCode: 'OK', errorMessage: '' } as const;
const failed = { errorCode: 'DATA_LOSS', errorMessage: 'no data' } as const;
const statuses: Record<string, ModelVersionStatus[]> = {
  good: [{ version: 2, state: 'AVAILABLE', status: ok }],
  swapping: [
    { version: 2, state: 'LOADING', status: ok },
    { version: 1, state: 'AVAILABLE', status: ok },
  ],
  loading: [{ version: 1, state: 'LOADING', status: ok }],
  broken: [{ version: 1, state: 'END', status: failed }],
};

function source(state: ModelServerState, ...models: string[]): HealthSource {
  return { state, modelNames: models, getModelStatus: ({ model }) => statuses[model] ?? [] };
}

const ask = (from: HealthSource | undefined, model?: string): [number, unknown] => {
  const { status, body } = healthReport(from, { kind: 'ready', ...(model !== undefined && { model }) });
  return [status, JSON.parse(Buffer.from(body).toString())];
};

describe('healthReport', () => {
  it('is live whatever becomes of the models', () => {
    for (const from of [undefined, source('draining', 'broken')]) {
      expect(healthReport(from, { kind: 'live' }).status).toBe(200);
    }
  });

  it.each<[ModelServerState, string[], number]>([
    ['serving', [], 200],
    ['serving', ['good', 'swapping'], 200],
    ['serving', ['good', 'loading'], 503],
    ['serving', ['broken'], 503],
    ['serving', ['never-heard-of'], 503],
    ['starting', ['good'], 503],
    ['draining', ['good'], 503],
    ['closed', ['good'], 503],
  ])('says of a server that is %s with models %j: %d', (state, models, status) => {
    expect(ask(source(state, ...models))[0]).toBe(status);
  });

  it('tells for each model which versions are available, or why none is', () => {
    expect(ask(source('serving', 'swapping', 'broken', 'loading'))[1]).toEqual({
      status: 'not ready',
      state: 'serving',
      models: {
        swapping: { ready: true, versions: [1] },
        broken: { ready: false, reason: 'no data' },
        loading: { ready: false, reason: 'Version 1 is LOADING' },
      },
    });
  });

  it('judges one model by itself', () => {
    const server = source('serving', 'good', 'broken');
    expect(ask(server, 'good')[0]).toBe(200);
    expect(ask(server, 'broken')[0]).toBe(503);
    expect(ask(server, 'nope')).toEqual([404, { status: 'unknown', model: 'nope' }]);
    expect(ask(source('draining', 'good'), 'good')[0]).toBe(503);
  });
});

describe('createHealthHandler', () => {
  it('answers before there is a model server, and leaves other paths alone', async () => {
    let current: HealthSource | undefined;
    const listener = createServer(createHealthHandler(() => current)).listen(0, '127.0.0.1');
    onTestFinished(() => {
      listener.close();
      listener.closeAllConnections();
    });
    await once(listener, 'listening');
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const status = async (path: string) => (await fetch(url + path)).status;
    expect(await status('/health/live')).toBe(200);
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({
      status: 'not ready',
      state: 'starting',
      models: {},
    });
    current = source('serving', 'good');
    expect(await status('/health/ready')).toBe(200);
    expect(await status('/health/ready/good')).toBe(200);
    expect(await status('/other')).toBe(404);
  });
});
