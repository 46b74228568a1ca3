import { describe, expect, it } from 'vitest';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import type { ModelServer } from './model-server.js';
import { model, ServerHarness } from './model-server.test-support.js';

const request = { model: 'a', inputs: { x: 1 } };

/** Runs of version 1 of model `a` end when the gate opens. */
async function startSlow(): Promise<{ harness: ServerHarness; server: ModelServer; gate: Gate }> {
  const harness = new ServerHarness();
  harness.storage.add('a', 1).add('b', 1);
  const gate = new Gate();
  harness.prepare = ({ id, servable }) => {
    if (id.name === 'a') servable.run = () => gate.opened.then(() => ({}));
  };
  const server = await harness.start({ models: [model('a'), model('b')] });
  return { harness, server, gate };
}

const loaded = (harness: ServerHarness) => harness.loaders.filter(({ isLoaded }) => isLoaded).map(({ id }) => id.name);

describe('ModelServer.drain', () => {
  it('tells it once, answers requests and takes changes until close', async () => {
    const { server, gate } = await startSlow();
    gate.open();
    const told: string[] = [];
    server.on('server:draining', () => told.push(server.state));
    server.drain();
    server.drain();
    expect(server.state).toBe('draining');
    await server.predict(request);
    await server.removeModel('b');
    expect(server.modelNames).toEqual(['a']);
    const closed = server.close();
    await expect(server.predict(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await closed;
    server.drain();
    expect(server.state).toBe('closed');
    expect(told).toEqual(['draining']);
  });

  it('is implied by close', async () => {
    const { server, gate } = await startSlow();
    gate.open();
    const told: string[] = [];
    server.on('server:draining', () => told.push(server.state));
    await server.close();
    expect(told).toEqual(['draining']);
  });
});

describe('ModelServer.close with a time limit', () => {
  it('resolves before its timeout when the requests in flight have ended', async () => {
    const { harness, server, gate } = await startSlow();
    const answered = server.predict({ ...request, timeoutMs: 60_000 });
    await settle();
    const closed = server.close({ timeoutMs: 1000 });
    expect(server.state).toBe('draining');
    await harness.clock.advance(999);
    expect(await isSettled(closed)).toBe(false);
    gate.open();
    await answered;
    await closed;
    expect(server.state).toBe('closed');
    expect(loaded(harness)).toEqual([]);
    expect(harness.errors).toEqual([]);
    expect(harness.clock.pendingTimers).toBe(0);
  });

  it('gives up runs with a deadline or a signal, unloads what is not held, and tells what is', async () => {
    const { harness, server, gate } = await startSlow();
    const runs = [
      server.predict({ ...request, timeoutMs: 60_000 }),
      server.predict({ ...request, signal: new AbortController().signal }),
    ].map((run) =>
      expect(run).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The run of {name: a version: 1}, signature "serving_default", was given up: the model server closes',
      }),
    );
    await settle();
    const closed = server.close({ timeoutMs: 1000 });
    await settle();
    expect(loaded(harness)).toEqual(['a']);
    await harness.clock.advance(1000);
    await Promise.all(runs);
    await closed;
    expect(server.state).toBe('closed');
    expect(harness.errors).toEqual([
      'The model server closed before everything was unloaded: {name: a version: 1} is held by a handle',
    ]);
    gate.open();
    await settle();
    expect(loaded(harness)).toEqual([]);
  });

  it('closes the platform only when the last held version is unloaded', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a')] });
    const handle = server.getServableHandle({ model: 'a' });
    const closed = server.close({ timeoutMs: 0 });
    await harness.clock.advance(0);
    await closed;
    expect(server.getModelStatus({ model: 'a' })[0]?.state).toBe('UNLOADING');
    handle.release();
    await settle();
    expect(server.getModelStatus({ model: 'a' })[0]?.state).toBe('END');
  });

  it('waits for an unload that goes on, not for a load that does not stop', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const unload = new Gate();
    const load = new Gate();
    harness.prepare = (loader) => {
      if (loader.id.name === 'a') loader.onUnload = () => unload.opened;
      else loader.onLoad = () => load.opened;
    };
    const server = await harness.start({ models: [model('a')] });
    harness.storage.add('stuck', 1);
    void server.addModel(model('stuck')).catch(() => {});
    await settle();
    const closed = server.close({ timeoutMs: 10 });
    await harness.clock.advance(10);
    expect(await isSettled(closed)).toBe(false);
    unload.open();
    await closed;
    expect(harness.errors).toEqual([
      'The model server closed before everything was unloaded: {name: stuck version: 1} is still loading',
    ]);
    load.open();
    await settle();
    expect(loaded(harness)).toEqual([]);
  });

  it('takes the shortest of the limits of several calls, which are one closing', async () => {
    const { harness, server, gate } = await startSlow();
    using _handle = server.getServableHandle({ model: 'a' });
    const first = server.close();
    expect(server.close({ timeoutMs: 5000 })).toBe(first);
    expect(server.close({ timeoutMs: 100 })).toBe(first);
    await harness.clock.advance(100);
    await first;
    gate.open();
  });

  it('takes an endless limit for none', async () => {
    const { harness, server } = await startSlow();
    const handle = server.getServableHandle({ model: 'a' });
    const closed = server.close({ timeoutMs: Number.POSITIVE_INFINITY });
    await harness.clock.advance(2 ** 32);
    expect(await isSettled(closed)).toBe(false);
    handle.release();
    await closed;
  });

  it('rejects a timeout that is not a number, and goes on serving', async () => {
    const { server } = await startSlow();
    await expect(server.close({ timeoutMs: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'timeoutMs: must be a non-negative number (got NaN)',
    });
    expect(server.state).toBe('serving');
  });

  it('is not held up by storage that hangs', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a')] });
    harness.storage.onList = () => new Gate().opened;
    await harness.clock.advance(1000);
    await server.close();
    expect(loaded(harness)).toEqual([]);
  });
});
