import { describe, expect, it } from 'vitest';
import { fakePlatform } from '../../../test-doubles/src/fake-platform.js';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import type { ModelServerConfig } from './config/model-server-config.js';
import { ModelServer } from './model-server.js';
import { answer, model, ServerHarness } from './model-server.test-support.js';

/** Model `good` has a version that loads, `broken` one that doesn't, `empty` none, and `missing` no base path. */
function makeHarness(): ServerHarness {
  const harness = new ServerHarness();
  harness.storage.add('good', 1).add('broken', 1).add('empty');
  harness.fail({ broken: 1 });
  return harness;
}

const reasons = {
  broken: '{name: broken version: 1} due to error: DATA_LOSS: Failed to load {name: broken version: 1}: no data',
  empty: '{name: empty} due to error: NOT_FOUND: Unable to find a numerical version path for servable empty at: empty',
  missing:
    '{name: missing} due to error: NOT_FOUND: Could not find base path missing for servable missing with error NOT_FOUND: missing not found',
};

describe('ModelServer.start with a start policy', () => {
  it.each<[ModelServerConfig['startPolicy'], string[], (keyof typeof reasons)[] | undefined]>([
    ['none', ['broken', 'empty', 'missing'], undefined],
    ['any', ['broken', 'good', 'missing'], undefined],
    ['any', ['broken', 'empty'], ['broken', 'empty']],
    ['any', [], undefined],
    ['all', ['good'], undefined],
    ['all', ['good', 'missing', 'broken'], ['missing', 'broken']],
    ['all', [], undefined],
  ])('%s of models %j fails for %j', async (startPolicy, names, failed) => {
    const harness = makeHarness();
    const start = harness.start({ models: names.map((name) => model(name)), ...(startPolicy && { startPolicy }) });
    if (!failed) {
      expect((await start).state).toBe('serving');
      return;
    }
    const list = failed.map((name) => reasons[name]).join(', ');
    await expect(start).rejects.toMatchObject({
      code: 'UNKNOWN',
      message: `${failed.length} servable(s) did not become available: {${list}}`,
    });
    expect(harness.loaders.filter(({ isLoaded }) => isLoaded)).toEqual([]);
    expect(harness.clock.pendingTimers).toBe(0);
  });

  it('closes the platforms when it fails', async () => {
    let closings = 0;
    const platform = {
      ...fakePlatform(),
      close: async () => {
        closings += 1;
      },
    };
    const models = [model('missing', { platform: 'closable' })];
    await expect(
      makeHarness().start({ models, platforms: { closable: platform }, startPolicy: 'all' }),
    ).rejects.toMatchObject({ code: 'UNKNOWN' });
    expect(closings).toBe(1);
  });

  it.each(['failIfNoModelVersionsFound', 'servableVersionsAlwaysPresent'] as const)(
    'and %s loads nothing when a model has no version',
    async (option) => {
      const harness = makeHarness();
      await expect(harness.start({ models: [model('good'), model('empty')], [option]: true })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'Unable to find a numerical version path for servable empty at: empty',
      });
      expect(harness.loaders).toEqual([]);
    },
  );

  it('keeps the last version where versions are always present', async () => {
    const harness = makeHarness();
    const server = await harness.start({ models: [model('good')], servableVersionsAlwaysPresent: true });
    harness.storage.remove('good', 1);
    await server.poll();
    expect(await answer(server, 'good')).toBe(1);
    expect(harness.errors).toEqual([
      expect.stringContaining('Unable to find a numerical version path for servable good at: good'),
    ]);
  });

  it('refuses labels where there are to be none', async () => {
    const models = [model('good', { versionLabels: { stable: 1 } })];
    await expect(makeHarness().start({ models, allowVersionLabels: false })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'Model version labels are not currently allowed by the server.',
    });
  });
});

describe('ModelServer.start with limits and hooks', () => {
  it('loads what fits, and tells in the status who holds what is lacking', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 1);
    const server = await harness.start({ models: [model('a'), model('b')], resourceLimits: { ramBytes: 1 } });
    const answers = [await answer(server, 'a'), await answer(server, 'b')];
    expect(answers).toEqual([1, 'NOT_FOUND']);
    const [{ status } = { status: undefined }] = server.getModelStatus({ model: 'b' });
    expect(status?.errorCode).toBe('RESOURCE_EXHAUSTED');
    expect(status?.errorMessage).toContain('{name: a version: 1}');
  });

  it('calls the hook before each load, and does not retry what is not to be retried', async () => {
    const harness = makeHarness();
    const hooked: string[] = [];
    const server = await harness.start({
      models: [model('good'), model('broken')],
      maxNumLoadRetries: 5,
      preLoadHook: ({ name }) => hooked.push(name),
      shouldRetryModelLoad: ({ code }) => code !== 'DATA_LOSS',
    });
    expect(hooked.sort()).toEqual(['broken', 'good']);
    await harness.clock.advance(600_000);
    expect(harness.loaders.filter(({ id }) => id.name === 'broken').map(({ loads }) => loads)).toContain(1);
    expect(server.getModelStatus({ model: 'broken' })[0]?.state).toBe('END');
  });
});

describe('ModelServer.start with a config source', () => {
  const source = (read: () => unknown) => ({ read: async () => (await read()) as undefined, pollIntervalMs: 10_000 });

  it('reads the models that it is not given', async () => {
    const harness = makeHarness();
    const server = await harness.start({ configSource: source(() => ({ models: [model('good')] })) });
    expect(await answer(server, 'good')).toBe(1);
  });

  it.each<[string, () => unknown, string]>([
    [
      'can not be read',
      () => Promise.reject(new Error('no such file')),
      'The configuration could not be read: no such file',
    ],
    ['has nothing', () => undefined, 'The first read of the configSource gave no list of models'],
    [
      'is wrong',
      () => ({ models: [model('good'), model('good')] }),
      'Invalid model server configuration: models[1].name: Illegal to list model good multiple times in config list',
    ],
  ])('fails when the first list %s', async (_, read, message) => {
    await expect(makeHarness().start({ configSource: source(read) })).rejects.toThrow(message);
  });

  it('follows the source, and puts nothing in place that is as it was', async () => {
    const harness = makeHarness();
    let list: unknown = { models: [model('good')] };
    const server = await harness.start({ configSource: source(() => list) });
    harness.take();
    await harness.clock.advance(10_000);
    list = undefined;
    await harness.clock.advance(10_000);
    list = { models: [model('good', { versionLabels: {} })] };
    await harness.clock.advance(10_000);
    expect(harness.take()).toEqual([]);
    harness.storage.add('new', 3);
    list = { models: [model('new')] };
    await harness.clock.advance(10_000);
    expect(harness.take()).toEqual(['reloaded new', 'unloading good 1', 'end good 1', 'available new 3']);
    expect(await answer(server, 'new')).toBe(3);
    expect(harness.errors).toEqual([]);
  });

  it('leaves what is added by hand until the source changes', async () => {
    const harness = makeHarness();
    let list = { models: [model('good')] };
    const server = await harness.start({ configSource: source(() => list) });
    await server.addModel(model('too', { basePath: 'good' }));
    await harness.clock.advance(30_000);
    expect(server.modelNames).toEqual(['good', 'too']);
    list = { models: [model('good', { versionLabels: { stable: 1 } })] };
    await harness.clock.advance(10_000);
    expect(server.modelNames).toEqual(['good']);
  });

  it('keeps the running list when one is unreadable, wrong or refused, and says so once per change', async () => {
    const harness = makeHarness();
    let read: () => unknown = () => ({ models: [model('good')] });
    const server = await harness.start({ configSource: source(() => read()) });
    const pollThrice = async (next: () => unknown): Promise<string[]> => {
      read = next;
      for (let i = 0; i < 3; i += 1) await harness.clock.advance(10_000);
      expect(server.modelNames).toEqual(['good']);
      return harness.errors.splice(0);
    };
    expect(
      await pollThrice(() => {
        throw new Error('torn file');
      }),
    ).toEqual(['The configuration could not be read; the running one is kept: torn file']);
    expect(await pollThrice(() => ({ models: [{ name: 'x' }] }))).toEqual([
      'The configuration could not be read; the running one is kept: Invalid model server configuration: models[0].basePath: missing: must be a string',
    ]);
    expect(await pollThrice(() => ({ models: [model('good', { platform: 'other' })] }))).toEqual([
      expect.stringContaining(
        "The configuration was refused; the running one is kept: Invalid model server configuration: models[0].platform: Illegal to change a model's platform.",
      ),
    ]);
    expect(await pollThrice(() => ({ models: [model('good')] }))).toEqual([]);
    expect(await pollThrice(() => Promise.reject(new Error('torn file')))).toHaveLength(1);
  });

  it('keeps the running list when an empty one is read, and says why', async () => {
    const harness = makeHarness();
    let list: unknown = { models: [model('good')] };
    const server = await harness.start({ configSource: source(() => list) });
    list = { models: [] };
    await harness.clock.advance(30_000);
    expect(await answer(server, 'good')).toBe(1);
    expect(harness.errors.splice(0)).toEqual([
      'The configuration was refused; the running one is kept: it has no models; with allowEmpty: true of the configSource such a list unloads every model',
    ]);
    list = null;
    await harness.clock.advance(10_000);
    expect(server.modelNames).toEqual(['good']);
    expect(harness.errors.splice(0)).toEqual([expect.stringContaining('The configuration could not be read')]);
    harness.storage.add('new', 3);
    list = { models: [model('new')] };
    await harness.clock.advance(10_000);
    expect([server.modelNames, harness.errors]).toEqual([['new'], []]);
  });

  it('unloads every model for an empty list where the source allows it, and starts with one', async () => {
    const harness = makeHarness();
    let list: unknown = { models: [] };
    const server = await harness.start({ configSource: { ...source(() => list), allowEmpty: true } });
    list = { models: [model('good')] };
    await harness.clock.advance(10_000);
    expect(await answer(server, 'good')).toBe(1);
    list = { models: [] };
    await harness.clock.advance(10_000);
    expect([server.modelNames, harness.errors]).toEqual([[], []]);
  });

  it('tries a refused list again, also when it was read once only, until its label can be assigned', async () => {
    const harness = makeHarness();
    let list: unknown = { models: [model('good')] };
    const server = await harness.start({
      configSource: source(() => {
        const current = list;
        list = undefined;
        return current;
      }),
      pollIntervalMs: 25_000,
    });
    list = { models: [model('good', { versionLabels: { next: 2 } })] };
    harness.storage.add('good', 2);
    await harness.clock.advance(10_000);
    expect(harness.errors).toEqual([expect.stringContaining('Request to assign label to version 2 of model good')]);
    expect(await answer(server, 'good', 'next')).toBe('INVALID_ARGUMENT');
    await harness.clock.advance(20_000);
    expect(await answer(server, 'good', 'next')).toBe(2);
    expect(harness.errors).toHaveLength(1);
  });

  it('reports a new model that does not become available', async () => {
    const harness = makeHarness();
    let list = { models: [model('good')] };
    const server = await harness.start({ configSource: source(() => list) });
    list = { models: [model('good'), model('broken')] };
    await harness.clock.advance(30_000);
    expect(harness.errors).toEqual([
      `After a new configuration: 1 model(s) did not become available: {${reasons.broken}}`,
    ]);
    expect(server.modelNames).toEqual(['good', 'broken']);
  });

  it('starts no read while one is in flight, and discards its result after the close', async () => {
    const harness = makeHarness();
    let reads = 0;
    let give: (list: unknown) => void = () => {};
    const server = await harness.start({
      models: [model('good')],
      configSource: source(() => {
        reads += 1;
        return new Promise((resolve) => {
          give = resolve;
        });
      }),
    });
    await harness.clock.advance(100_000);
    expect(reads).toBe(1);
    const closed = server.close();
    give({ models: [] });
    await closed;
    await settle();
    expect(server.modelNames).toEqual(['good']);
    expect(harness.clock.pendingTimers).toBe(0);
    expect(await isSettled(closed)).toBe(true);
  });
});

describe('ModelServer.start without options', () => {
  it.each([undefined, null, 'models'])('shows what it needs (%s)', async (options) => {
    await expect(ModelServer.start(options as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`needs an object of options (got ${options}), such as { models: [{ name: `),
    });
  });
});
