import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExtension, loadExtensions } from './extension-module.js';

let folder: string;

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extension-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('loadExtension', () => {
  it.each([
    ['an ES module', 'a.mjs', 'export const create = (server, options) => ({ server, options });'],
    ['CommonJS', 'a.cjs', 'exports.create = (server, options) => ({ server, options });'],
  ])('constructs the extension of %s, by path and by URL', async (_kind, name, text) => {
    const path = await write(name, text);
    const options = { a: [1] };
    for (const module of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      expect(loadExtension({ module, options }, 'create')('server')).toEqual({ server: 'server', options });
    }
  });

  it('takes a module that is loaded, and hands the context over', () => {
    const module = { create: (...given: readonly unknown[]) => given };
    expect(loadExtension({ module, options: 1 }, 'create')('server', undefined)).toEqual(['server', 1, undefined]);
    const create = loadExtension<string, unknown, string>({ module }, 'create');
    expect(create('server', 'context')).toEqual(['server', undefined, 'context']);
    expect(() => loadExtension({ module: { other: 1 } }, 'create')).toThrow(
      'must export a function "create" (exports other)',
    );
  });

  it('hands over a copy of the options', async () => {
    const options = { a: 1 };
    const module = await write('copy.mjs', 'export const create = (_server, options) => options;');
    expect(loadExtension({ module, options }, 'create')('server')).not.toBe(options);
  });

  it.each([
    ['missing.mjs', undefined, undefined, /can not be loaded: Cannot find module/],
    [
      'await.mjs',
      'await 0; export const create = () => ({});',
      undefined,
      /can not be loaded: it uses top-level await/,
    ],
    ['other.mjs', 'export const b = 1, c = 2;', undefined, /must export a function "create" \(exports b, c\)/],
    ['none.mjs', '', undefined, /must export a function "create" \(exports nothing\)/],
    [
      'clone.mjs',
      'export const create = () => ({});',
      () => 1,
      /has options that can not be cloned: .*could not be cloned/,
    ],
    ['throws.mjs', 'export const create = () => { throw new Error("no"); };', undefined, /can not be constructed: no$/],
  ])('refuses %s', async (name, text, options, message) => {
    const module = text === undefined ? join(folder, name) : await write(name, text);
    expect(() => loadExtension({ module, options }, 'create')('server')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});

describe('loadExtensions', () => {
  it.each([false, {}, 'x', [undefined], [{}], [{ module: 1 }]])(
    'refuses %j in the place of a list of modules',
    (value) => {
      expect(() => loadExtensions(value as never, 'create', '; x')).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: 'extensions: expected a list of { module, options }; x',
        }),
      );
    },
  );
});
