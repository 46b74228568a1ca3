import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderTag } from './folder-tag.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-tag-'));
  await mkdir(join(root, '1'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true });
});

const laterBy = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
};

describe.runIf(process.platform === 'linux')('folderTag', () => {
  it('is undefined for a folder that has changed just now', async () => {
    expect(await folderTag(root)).toBeUndefined();
  });

  it('is the same as long as no name changes', async () => {
    laterBy(10_000);
    const tag = await folderTag(root);
    expect(tag).toEqual(expect.any(String));
    await writeFile(join(root, '1', 'saved_model.pb'), 'below');
    expect(await folderTag(root)).toBe(tag);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is added', () => mkdir(join(root, '2'))],
    ['is removed', () => rmdir(join(root, '1'))],
    ['is renamed', () => rename(join(root, '1'), join(root, '3'))],
  ])('changes when a name %s', async (_, change) => {
    laterBy(10_000);
    const tag = await folderTag(root);
    vi.useRealTimers();
    await change();
    laterBy(10_000);
    const changed = await folderTag(root);
    expect(changed).toEqual(expect.any(String));
    expect(changed).not.toBe(tag);
  });

  it('is undefined on a file system that is not known to keep times', async () => {
    laterBy(10_000_000);
    expect(await folderTag('/proc/self')).toBeUndefined();
  });
});
