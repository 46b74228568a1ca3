import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import type { LoadContext } from '@serving/core/extend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { FakeRuntime } from './fake-runtime.test-support.js';
import { SavedModelLoader, type SavedModelLoaderOptions } from './saved-model-loader.js';

const context = (signal: AbortSignal = new AbortController().signal): LoadContext => ({
  id: { name: 'half', version: 123 },
  signal,
});

function createLoader(
  directory: string,
  options: Partial<SavedModelLoaderOptions> = {},
): { runtime: FakeRuntime; loader: SavedModelLoader } {
  const runtime = new FakeRuntime();
  return { runtime, loader: new SavedModelLoader(directory, { runtime: async () => runtime, ...options }) };
}

const model = fixturePath('half_plus_two', 123);

describe('SavedModelLoader', () => {
  it('loads, serves and unloads', async () => {
    const { runtime, loader } = createLoader(model);
    await loader.load(context());
    expect(runtime.loads).toEqual([{ directory: model, tags: ['serve'], options: {} }]);
    expect([...loader.getServable().signatures.keys()]).toContain('serving_default');
    await loader.unload();
    expect(runtime.sessions[0]!.closed).toBe(1);
    expect(() => loader.getServable()).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }));
  });

  it('hands tags and session options to the runtime', async () => {
    const session = { intraOpThreads: 2 };
    const { runtime, loader } = createLoader(fixturePath('gpu_tag', 1), { tags: ['gpu', 'serve'], session });
    await loader.load(context());
    expect(runtime.loads[0]).toMatchObject({ tags: ['gpu', 'serve'], options: session });
  });

  it.each([
    ['counter', ['incr_counter', 'incr_counter_by', 'reset_counter'], true],
    ['counter', ['get_counter'], false],
    ['lookup_insert', ['insert'], true],
    ['lookup_insert', ['serving_default'], false],
    ['lookup_table', ['serving_default'], false],
    ['digits', ['serving_default'], false],
    ['mlp', ['serving_default'], false],
    ['digit_pictures', ['serving_default', 'classify'], false],
    ['classify_regress', ['serving_default'], false],
  ])('finds the state that signatures of %s keep: %j %s', async (name, signatures, isStateful) => {
    const { loader } = createLoader(fixturePath(name, 1));
    await loader.load(context());
    const found = loader.getServable().signatures;
    const existing = signatures.filter((key) => found.has(key));
    expect(existing).not.toEqual([]);
    for (const key of existing) expect([key, found.get(key)!.isStateful ?? false]).toEqual([key, isStateful]);
  });

  it('estimates what the runtime estimates', async () => {
    await expect(createLoader(model).loader.estimateResources()).resolves.toEqual({ ramBytes: 1200 });
  });

  it.each([
    ['a folder that is gone', fixturePath('nowhere', 1), 'NOT_FOUND', 'Could not find SavedModel'],
    ['a truncated file', fixturePath('broken/truncated', 1), 'DATA_LOSS', "Can't parse"],
    ['a file of something else', fixturePath('broken/not_a_proto', 1), 'DATA_LOSS', "Can't parse"],
    ['missing variables', fixturePath('broken/missing_variables', 1), 'NOT_FOUND', 'variables.index'],
    ['other tags', fixturePath('train_tag', 1), 'NOT_FOUND', 'matching supplied tags: { serve }'],
  ])('fails for %s before the runtime is asked', async (_, directory, code, reason) => {
    const { runtime, loader } = createLoader(directory);
    const load = loader.load(context());
    await expect(load).rejects.toBeInstanceOf(ServingError);
    await expect(load).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`Loading model half version 123 from ${directory} failed: `),
    });
    await expect(load).rejects.toThrow(reason);
    expect(runtime.loads).toEqual([]);
  });

  it('names the place of an error of the runtime, and loads at a later try', async () => {
    const { runtime, loader } = createLoader(model);
    runtime.loadError = new ServingError('RESOURCE_EXHAUSTED', 'out of memory');
    await expect(loader.load(context())).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: `Loading model half version 123 from ${model} failed: out of memory`,
    });
    runtime.loadError = undefined;
    await loader.load(context());
    expect(loader.getServable().signatures.size).toBeGreaterThan(0);
  });

  it('fails without an engine', async () => {
    const missing = new ServingError('FAILED_PRECONDITION', 'none installed');
    const { loader } = createLoader(model, { runtime: () => Promise.reject(missing) });
    await expect(loader.load(context())).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('failed: none installed'),
    });
  });

  it('stops before the runtime is asked when it is no longer wanted', async () => {
    const { runtime, loader } = createLoader(model);
    await expect(loader.load(context(AbortSignal.abort()))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(runtime.loads).toEqual([]);
  });

  it('closes a session that came too late', async () => {
    const { runtime, loader } = createLoader(model);
    const controller = new AbortController();
    runtime.onLoad = () => controller.abort();
    await expect(loader.load(context(controller.signal))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(runtime.sessions[0]!.closed).toBe(1);
    expect(() => loader.getServable()).toThrow();
  });

  it('unloads nothing when nothing was loaded', async () => {
    await expect(createLoader(model).loader.unload()).resolves.toBeUndefined();
  });
});

describe('SavedModelLoader, copied model', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'saved-model-loader-'));
  });

  afterAll(() => rm(root, { recursive: true }));

  it('needs the folder no longer once it has loaded', async () => {
    const directory = join(root, '1');
    await cp(model, directory, { recursive: true });
    const { loader } = createLoader(directory);
    await loader.load(context());
    await rm(directory, { recursive: true });
    expect(loader.getServable().signatureDefs.get('serving_default')!.inputs.get('x')!.name).toBe('x:0');
  });
});
