import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import { ModelServer } from '../server/model-server.js';
import { localStorage } from './local-storage.js';
import type { Storage } from './storage.js';
import { LOAD_RETRY_INTERVAL_MS, watchedChain } from './watched-chain.test-support.js';

describe('a version whose files are still arriving', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'half-copied-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const add = async (version: string, file: string, text: string): Promise<void> => {
    await mkdir(join(root, version, 'variables'), { recursive: true });
    await writeFile(join(root, version, file), text);
  };
  const readBoth = async (path: string): Promise<string> =>
    (await readFile(join(path, 'model'), 'utf8')) + (await readFile(join(path, 'variables', 'data'), 'utf8'));

  it.each([0, 5])(
    'is served as soon as they are there (%i retries), and the old version until then',
    async (maxNumLoadRetries) => {
      const chain = watchedChain(localStorage, root, readBoth, { maxNumLoadRetries });
      await add('1', 'model', 'one');
      await add('1', 'variables/data', '!');
      await chain.poll();
      await add('2', 'model', 'two');
      await chain.poll();
      await chain.poll();
      expect(chain.served()).toEqual({ 1: 'one!' });
      expect(chain.manager.hasFailed({ name: 'm', version: 2 })).toBe(true);
      await add('2', 'variables/data', '!');
      await chain.poll();
      await chain.monitor.waitUntilServablesReachState([{ name: 'm', version: 2 }], 'available');
      await chain.monitor.waitUntilServablesReachState([{ name: 'm', version: 1 }], 'end');
      expect(chain.served()).toEqual({ 2: 'two!' });
      await chain.close();
      expect(chain.clock.pendingTimers).toBe(0);
    },
  );

  it('is served by a model server, whose status tells until then what is missing', async () => {
    await add('1', 'model', 'one');
    const words = platformFromLoader((path) => simpleLoader({ load: async () => ({ text: await readBoth(path) }) }));
    await using server = await ModelServer.start({
      models: [{ name: 'm', basePath: root, platform: 'words' }],
      platforms: { words },
      pollIntervalMs: false,
    });
    await server.poll();
    expect(server.getModelStatus({ model: 'm' })).toMatchObject([
      { version: 1, state: 'LOADING', status: { errorMessage: expect.stringContaining(join('variables', 'data')) } },
    ]);
    await add('1', 'variables/data', '!');
    const available = new Promise((resolve) => server.once('servable:available', resolve));
    await server.poll();
    await available;
    const isText = (servable: unknown): servable is { text: string } => typeof servable === 'object';
    using handle = server.getServableHandle({ model: 'm' }, isText);
    expect(handle.servable.text).toBe('one!');
  });
});

describe('a version that has failed, watched by a timer', () => {
  function watch(maxNumLoadRetries: number) {
    const state = { content: 'a', isWhole: false };
    const loads: string[] = [];
    const storage: Storage = {
      listChildren: async () => ['1'],
      join: (folder, child) => `${folder}/${child}`,
      fingerprint: async () => state.content,
    };
    const read = async (): Promise<string> => {
      loads.push(state.content);
      if (!state.isWhole) throw new Error('a file is missing');
      return state.content;
    };
    const chain = watchedChain(storage, '/m', read, { pollIntervalMs: 1000, maxNumLoadRetries });
    return { ...chain, state, loads };
  }

  it.each([0, 5])(
    'is left alone while its content changes, and loaded when it does no more (%i retries)',
    async (retries) => {
      const { clock, state, loads, served, close } = watch(retries);
      await settle();
      for (const content of ['b', 'c', 'd']) {
        state.content = content;
        await clock.advance(1000);
      }
      expect(loads).toEqual(['a']);
      state.isWhole = true;
      await clock.advance(1000);
      expect(served()).toEqual({ 1: 'd' });
      await clock.advance(10_000);
      expect(loads).toEqual(['a', 'd']);
      await close();
    },
  );

  it('is not loaded again while nothing changes', async () => {
    const { clock, loads, close } = watch(0);
    await settle();
    await clock.advance(10_000);
    expect(loads).toEqual(['a']);
    await close();
  });

  it('keeps to its retries while nothing changes', async () => {
    const { clock, loads, close } = watch(2);
    await settle();
    await clock.advance(LOAD_RETRY_INTERVAL_MS * 5);
    expect(loads).toEqual(['a', 'a', 'a']);
    const closed = close();
    expect(await isSettled(closed)).toBe(true);
  });
});
