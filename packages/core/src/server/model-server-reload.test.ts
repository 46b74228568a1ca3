import { describe, expect, it } from 'vitest';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import { answer, model, ServerHarness, specific } from './model-server.test-support.js';

describe('ModelServer.reload', () => {
  it('loads what is new, unloads what is listed no more, and leaves the others alone', async () => {
    const harness = new ServerHarness();
    harness.storage.add('stays', 1).add('goes', 1).add('comes', 4);
    const server = await harness.start({ models: [model('stays'), model('goes')] });
    harness.take();
    await server.reload({ models: [model('comes'), model('stays')] });
    expect(harness.take()).toEqual(['reloaded comes stays', 'unloading goes 1', 'end goes 1', 'available comes 4']);
    expect(server.modelNames).toEqual(['comes', 'stays']);
    expect(await answer(server, 'comes')).toBe(4);
    expect(await answer(server, 'stays')).toBe(1);
    expect(await answer(server, 'goes')).toBe('NOT_FOUND');
    expect(server.getModelStatus({ model: 'goes' })).toMatchObject([{ version: 1, state: 'END' }]);
    expect(harness.storage.listed.filter((folder) => folder === 'stays')).toHaveLength(1);
  });

  it('changes to another version policy and another base path', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1, 2).add('b', 1).add('elsewhere', 7);
    const server = await harness.start({ models: [model('a'), model('b')] });
    harness.take();
    await server.reload({ models: [model('a', specific(1)), model('b', { basePath: 'elsewhere' })] });
    expect(await answer(server, 'a')).toBe(1);
    expect(await answer(server, 'b')).toBe(7);
    expect(harness.loaders.at(-1)?.id).toEqual({ name: 'b', version: 7 });
  });

  it('resolves in spite of a handle to a version that was replaced, not of one to a model that was removed', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1, 2).add('goes', 1);
    const server = await harness.start({ models: [model('a', specific(1)), model('goes')] });
    using _replaced = server.getServableHandle({ model: 'a' });
    const removed = server.getServableHandle({ model: 'goes' });
    await server.reload({ models: [model('a', specific(2)), model('goes')] });
    expect(await answer(server, 'a')).toBe(2);
    const reloaded = server.reload({ models: [model('a', specific(2))] });
    expect(await isSettled(reloaded)).toBe(false);
    expect(await answer(server, 'goes')).toBe('NOT_FOUND');
    removed.release();
    await reloaded;
    expect(harness.loaders.find(({ id }) => id.name === 'goes')?.isLoaded).toBe(false);
  });

  it.each<[string, Parameters<typeof model>[1][], string, string]>([
    [
      'a name twice, with two base paths',
      [{}, { name: 'a', basePath: 'b' }],
      'INVALID_ARGUMENT',
      'Invalid model server configuration: models[1].name: Illegal to list model a multiple times in config list',
    ],
    [
      "a model's other platform",
      [{ name: 'n' }, { platform: 'other' }],
      'INVALID_ARGUMENT',
      "Invalid model server configuration: models[1].platform: Illegal to change a model's platform. For model a platform was tensorflow and new platform requested is other",
    ],
    [
      'an unknown platform',
      [{ platform: 'onnx' }],
      'INVALID_ARGUMENT',
      'Invalid model server configuration: models[0].platform: Model a requests unsupported platform onnx (supported: tensorflow, other)',
    ],
    [
      'a label for a version that is not there',
      [{ name: 'new' }, { versionLabels: { canary: 2 } }],
      'FAILED_PRECONDITION',
      'Request to assign label to version 2 of model a, which is not currently available for inference (label canary)',
    ],
  ])('changes nothing for a list with %s', async (_, models, code, message) => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('goes', 1);
    const server = await harness.start({ models: [model('a'), model('goes')] });
    harness.take();
    await expect(server.reload({ models: models.map((config) => model('a', config)) })).rejects.toMatchObject({
      code,
      message,
    });
    await settle();
    expect(harness.take()).toEqual([]);
    expect(server.modelNames).toEqual(['a', 'goes']);
  });

  it('rejects with the reason of each model that did not become available, and keeps the list', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('broken', 2).add('empty').add('half', 1, 2);
    harness.fail({ broken: 2, half: 1 });
    const server = await harness.start({ models: [model('a')] });
    const models = ['a', 'broken', 'empty', 'missing', 'half'].map((name) =>
      model(name, { versionPolicy: { all: {} } }),
    );
    await expect(server.reload({ models })).rejects.toMatchObject({
      code: 'UNKNOWN',
      message:
        '3 model(s) did not become available: {' +
        '{name: broken version: 2} due to error: DATA_LOSS: Failed to load {name: broken version: 2}: no data, ' +
        '{name: empty} due to error: NOT_FOUND: Unable to find a numerical version path for servable empty at: empty, ' +
        '{name: missing} due to error: NOT_FOUND: Could not find base path missing for servable missing with error NOT_FOUND: missing not found}',
    });
    expect(await answer(server, 'half')).toBe(2);
    harness.storage.add('empty', 5);
    await harness.clock.advance(1000);
    expect(await answer(server, 'empty')).toBe(5);
  });

  it('takes effect in the order of the calls, and none waits for the one before it', async () => {
    const harness = new ServerHarness();
    harness.storage.add('slow', 1).add('b', 1);
    const gate = new Gate();
    harness.prepare = (loader) => {
      if (loader.id.name === 'slow') loader.onLoad = () => gate.opened;
    };
    const server = await harness.start({ models: [], numLoadThreads: 2 });
    const first = server.reload({ models: [model('slow')] });
    const second = server.reload({ models: [model('slow'), model('b')] });
    const third = server.addModel(model('c', { basePath: 'b' }));
    expect(server.modelNames).toEqual(['slow', 'b', 'c']);
    await Promise.all([second, third]);
    expect(await answer(server, 'b')).toBe(1);
    expect(await isSettled(first)).toBe(false);
    gate.open();
    await first;
    expect(await answer(server, 'slow')).toBe(1);
  });

  it('leaves it to the later call when a model is changed again', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1, 2, 3);
    const gate = new Gate();
    harness.prepare = (loader) => {
      if (loader.id.version === 2) loader.onLoad = () => gate.opened;
    };
    const server = await harness.start({ models: [model('a', specific(1))] });
    const second = server.reload({ models: [model('a', specific(2))] });
    await settle();
    const removed = server.removeModel('a');
    await second;
    const back = server.addModel(model('a', specific(1)));
    await removed;
    gate.open();
    await back;
    expect(await answer(server, 'a')).toBe(1);
    expect(harness.loaders.filter(({ id }) => id.version === 2).some(({ isLoaded }) => isLoaded)).toBe(false);
  });

  it('ends with UNAVAILABLE when the server closes meanwhile, and after that', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    harness.prepare = (loader) => {
      loader.onLoad = (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
    };
    const server = await harness.start({ models: [] });
    const reloaded = expect(server.reload({ models: [model('a')] })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await settle();
    await server.close();
    await reloaded;
    await expect(server.addModel(model('b'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'The model server is closed',
    });
  });

  it('moves labels in one step', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1, 2);
    const a = (versionLabels: Record<string, number>) => model('a', { ...specific(1, 2), versionLabels });
    const server = await harness.start({ models: [a({ stable: 1 })] });
    expect(await answer(server, 'a', 'stable')).toBe(1);
    harness.take();
    await server.reload({ models: [a({ stable: 2, old: 1 })] });
    expect(await answer(server, 'a', 'stable')).toBe(2);
    expect(await answer(server, 'a', 'old')).toBe(1);
    await server.reload({ models: [a({})] });
    expect(await answer(server, 'a', 'stable')).toBe('INVALID_ARGUMENT');
    expect(harness.take()).toEqual(['reloaded a', 'reloaded a']);
  });

  it('keeps a label for a version until that is available', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a', { versionLabels: { next: 2 } })] });
    expect(await answer(server, 'a', 'next')).toBe('NOT_FOUND');
    await server.addModel(model('b', { basePath: 'a', versionLabels: { next: 2 } }));
    harness.storage.add('a', 2);
    await server.poll();
    expect(await answer(server, 'a', 'next')).toBe(2);
    expect(await answer(server, 'b', 'next')).toBe(2);
  });
});

describe('ModelServer.reload under load', () => {
  it('never blinks for models that stay, while 50 models change around them', async () => {
    const harness = new ServerHarness();
    const names = Array.from({ length: 50 }, (_, i) => `m${i}`);
    for (const name of names) harness.storage.add(name, 1, 2);
    harness.prepare = ({ servable }) => {
      const run = servable.run.bind(servable);
      servable.run = async (...args) => {
        await settle();
        return run(...args);
      };
    };
    const stay = names.slice(0, 25).map((name) => model(name));
    const rest = names.slice(25);
    const server = await harness.start({ models: [...stay, ...rest.map((name) => model(name))] });
    harness.take();
    const answers = new Set<unknown>();
    let isOver = false;
    const callers = stay.map(async ({ name }) => {
      while (!isOver) answers.add(await answer(server, name));
    });
    for (let round = 0; round < 10; round += 1) {
      const some = rest.filter((_, i) => i % 3 !== round % 3);
      await server.reload({ models: [...some.map((name) => model(name, specific((round % 2) + 1))), ...stay] });
      for (const name of some) expect(await answer(server, name)).toBe((round % 2) + 1);
    }
    isOver = true;
    await Promise.all(callers);
    expect([...answers]).toEqual([2]);
    const stayed = new Set(stay.map(({ name }) => name));
    expect(harness.take().filter((event) => stayed.has(event.split(' ')[1] ?? ''))).toEqual([]);
    for (const name of stayed)
      expect(harness.loaders.filter(({ id, loads }) => id.name === name && loads)).toHaveLength(1);
  });
});

describe('ModelServer.addModel and removeModel', () => {
  it('change one model and resolve when that is done', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 2);
    const server = await harness.start({ models: [model('a')] });
    await server.addModel(model('b'));
    expect(await answer(server, 'b')).toBe(2);
    await server.removeModel('a');
    expect(server.modelNames).toEqual(['b']);
    expect(harness.loaders[0]?.isLoaded).toBe(false);
    await server.addModel(model('a', { platform: 'other' }));
    expect(await answer(server, 'a')).toBe(1);
  });

  it('refuse a name that is there, one that is not, and a wrong model', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    const server = await harness.start({ models: [model('a')] });
    await expect(server.addModel(model('a'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(server.removeModel('b')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Model b is not configured',
    });
    await expect(server.addModel({ name: 'c', basePath: '' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('basePath'),
    });
    expect(server.modelNames).toEqual(['a']);
  });
});

describe('ModelServer.poll', () => {
  it('polls one model or all at any time, and waits for what it finds', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 1);
    const server = await harness.start({ models: [model('a'), model('b')], pollIntervalMs: false });
    expect(await answer(server, 'a')).toBe('NOT_FOUND');
    await server.poll('a');
    expect(await answer(server, 'a')).toBe(1);
    expect(await answer(server, 'b')).toBe('NOT_FOUND');
    harness.storage.add('a', 2);
    using _held = server.getServableHandle({ model: 'a' });
    await server.poll();
    expect(await answer(server, 'a')).toBe(2);
    expect(await answer(server, 'b')).toBe(1);
    await expect(server.poll('c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('resolves when a version that it finds can not be loaded', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1);
    harness.fail({ a: 2 });
    const server = await harness.start({ models: [model('a')] });
    harness.storage.add('a', 2);
    await server.poll('a');
    expect(server.getModelStatus({ model: 'a', version: 2 })[0]?.status.errorCode).toBe('DATA_LOSS');
    expect(await answer(server, 'a')).toBe(1);
  });
});
