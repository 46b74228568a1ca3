import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderFileSystem, makeFolder, makeFolderOn } from './make-folder.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: refused, mkdir '/x'`), { code });
}

/** Has the folders of `existing`; `mkdir` answers what `create` says. */
function fakeFileSystem(existing: readonly string[], create: (path: string) => void) {
  const folders = new Set(existing);
  const made: string[] = [];
  const fileSystem: FolderFileSystem = {
    stat: async (path) => {
      if (!folders.has(path)) throw failure('ENOENT');
      return { isDirectory: () => true };
    },
    mkdir: async (path) => {
      made.push(path);
      create(path);
      folders.add(path);
    },
  };
  return { fileSystem, made, folders };
}

describe('makeFolder', () => {
  it('creates every missing folder, and leaves one that exists as it is', async () => {
    const folder = join(root, 'a', 'b', 'c');
    await makeFolder(folder);
    const { ino } = await stat(folder);
    await makeFolder(folder);
    expect((await stat(folder)).ino).toBe(ino);
  });

  it('refuses a path below a file and names that file', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'a'), join(file, 'a', 'b')]) {
      await expect(makeFolder(path)).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: `Folder "${path}" can't be created: "${file}" is not a folder`,
      });
    }
  });

  it('tries once where the file system says of an existing parent that a new folder has none', async () => {
    const { fileSystem, made } = fakeFileSystem(['/', '/special'], () => {
      throw failure('ENOENT');
    });
    await expect(makeFolderOn(fileSystem, '/special/a/b')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: `Folder "/special/a/b" can't be created: "/special/a": ENOENT: refused`,
    });
    expect(made).toEqual(['/special/a']);
  });

  it('goes on when another process creates a folder first', async () => {
    const { fileSystem, made, folders } = fakeFileSystem(['/'], (path) => {
      folders.add(path);
      throw failure('EEXIST');
    });
    await makeFolderOn(fileSystem, '/a/b');
    expect(made).toEqual(['/a', '/a/b']);
  });

  it.each(['EACCES', 'ENOSPC', 'EROFS', 'ENAMETOOLONG'])('passes %s on', async (code) => {
    const { fileSystem } = fakeFileSystem(['/'], () => {
      throw failure(code);
    });
    await expect(makeFolderOn(fileSystem, '/a')).rejects.toMatchObject({
      message: `Folder "/a" can't be created: "/a": ${code}: refused`,
      cause: { code },
    });
  });

  it('ends where no folder exists at all', async () => {
    const { fileSystem, made } = fakeFileSystem([], () => {
      throw failure('ENOENT');
    });
    await expect(makeFolderOn(fileSystem, '/a/b')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(made).toEqual(['/']);
  });
});
