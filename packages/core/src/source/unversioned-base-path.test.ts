import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import type { Storage } from './storage.js';
import { watchedChain } from './watched-chain.test-support.js';

/** A folder `/m` with these children; `undefined`: it is not there. */
function chainOf(children: { names: readonly string[] | undefined }, unversionedBasePath = true) {
  const storage: Storage = {
    listChildren: async () => {
      if (children.names === undefined) throw new ServingError('NOT_FOUND', 'no such folder');
      return children.names;
    },
    join: (folder, child) => `${folder}/${child}`,
  };
  return watchedChain(storage, '/m', async (path) => path, { unversionedBasePath });
}

describe('a base path without version folders that holds a model itself', () => {
  it.each([['saved_model.pb'], ['saved_model.pbtxt'], ['model.onnx']])('is version 1 with %s', async (file) => {
    const chain = chainOf({ names: ['variables', file] });
    await chain.poll();
    expect(chain.served()).toEqual({ 1: '/m' });
  });

  it('is an error without the option, whose hint names it', async () => {
    const chain = chainOf({ names: ['saved_model.pb'] }, false);
    await chain.poll();
    expect(chain.served()).toEqual({});
    expect(chain.outcomes.at(-1)?.problems[0]?.hint).toContain('unversionedBasePath: true');
  });

  it.each([
    ['version folders beside the model', ['saved_model.pb', '0007'], { 7: '/m/0007' }],
    ['no model', ['variables'], {}],
  ])('is not a version with %s', async (_, names, served) => {
    const chain = chainOf({ names });
    await chain.poll();
    expect(chain.served()).toEqual(served);
  });

  it('may appear after the start, and gives way to version folders', async () => {
    const children: { names: string[] | undefined } = { names: undefined };
    const chain = chainOf(children);
    await chain.poll();
    expect(chain.served()).toEqual({});
    children.names = ['saved_model.pb'];
    await chain.poll();
    expect(chain.served()).toEqual({ 1: '/m' });
    children.names = ['saved_model.pb', '2'];
    await chain.poll();
    expect(chain.served()).toEqual({ 2: '/m/2' });
  });
});

describe('a base path that holds models', () => {
  it('is an error whose hint names them', async () => {
    const folders: Record<string, string[]> = {
      '/m': ['.git', 'digits', 'notes.txt', 'resnet'],
      '/m/.git': ['1'],
      '/m/digits': ['1', '2'],
      '/m/resnet': ['saved_model.pb'],
    };
    const storage: Storage = {
      listChildren: async (folder) => {
        const names = folders[folder];
        if (names === undefined) throw ServingError.failedPrecondition(`${folder} is not a directory`);
        return names;
      },
      join: (folder, child) => `${folder}/${child}`,
    };
    const chain = watchedChain(storage, '/m', async (path) => path);
    await chain.poll();
    expect(chain.outcomes.at(-1)?.problems[0]?.hint).toContain('"/m" holds models, not versions: digits, resnet. ');
  });
});
