import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localStorage } from './local-storage.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'local-storage-'));
  await mkdir(join(root, '1', 'variables'), { recursive: true });
  await writeFile(join(root, '1', 'model'), 'text');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fingerprint = (): Promise<string> => localStorage.fingerprint!(join(root, '1'));

describe('localStorage', () => {
  it.each([
    ['a name close by', 'Variables', ['variables'], (folder: string) => `Did you mean "${folder}/variables"?`],
    ['another name', 'production', ['a', 'b'], (folder: string) => `"${folder}" holds: a, b`],
    ['an empty folder', 'x', [], (folder: string) => `"${folder}" is empty`],
    [
      'many names',
      'production',
      Array.from({ length: 12 }, (_, i) => `folder-${10 + i}`),
      (folder: string) =>
        `"${folder}" holds: ${Array.from({ length: 10 }, (_, i) => `folder-${10 + i}`).join(', ')}, and 2 more`,
    ],
    ['a missing parent', 'x/y/z', ['a'], (folder: string) => `"${folder}/x" does not exist either`],
  ])('hints at what there is in the place of a missing folder: %s', async (_, path, names, hint) => {
    const folder = join(root, 'models');
    for (const name of ['', ...names]) await mkdir(join(folder, name), { recursive: true });
    await expect(localStorage.listChildren(join(folder, path))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `${join(folder, path)} not found`,
      hint: hint(folder),
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a new file', () => writeFile(join(root, '1', 'variables', 'data'), '')],
    ['a longer file', () => writeFile(join(root, '1', 'model'), 'longer text')],
    ['a new time', () => utimes(join(root, '1', 'model'), 1, 1)],
    ['a lost file', () => rm(join(root, '1', 'model'))],
    ['a link to nowhere', () => symlink(join(root, 'nowhere'), join(root, '1', 'link'))],
  ])('gives a version another fingerprint with %s', async (_, change) => {
    const before = await fingerprint();
    expect(await fingerprint()).toBe(before);
    await change();
    expect(await fingerprint()).not.toBe(before);
  });

  it('has one for a version that is a file, and none for what is not there', async () => {
    await expect(localStorage.fingerprint!(join(root, '1', 'model'))).resolves.toMatch(/./);
    await expect(localStorage.fingerprint!(join(root, '2'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes file:// URLs, and hands on paths', async () => {
    const url = pathToFileURL(root).href;
    expect(await localStorage.listChildren(url)).toEqual(['1']);
    expect(localStorage.join(url, '1')).toBe(join(root, '1'));
    expect(await localStorage.fingerprint!(`${url}/1`)).toBe(await fingerprint());
    await expect(localStorage.listChildren('s3://bucket/m')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('says why a folder can not be listed', async () => {
    await expect(localStorage.listChildren(join(root, '2'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(localStorage.listChildren(join(root, '1', 'model'))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
    await symlink('loop', join(root, 'loop'));
    const loop = { code: 'FAILED_PRECONDITION', message: `${join(root, 'loop')} is a loop of symbolic links` };
    await expect(localStorage.listChildren(join(root, 'loop'))).rejects.toMatchObject(loop);
    await expect(localStorage.fingerprint!(join(root, 'loop'))).rejects.toMatchObject(loop);
  });
});
