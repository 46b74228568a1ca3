import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryBytes } from './directory-bytes.js';

describe('directoryBytes', () => {
  it('adds up the files below a folder, and has the code of a base path for one that can not be read', async () => {
    const root = await mkdtemp(join(tmpdir(), 'directory-bytes-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await mkdir(join(root, '1', 'variables'), { recursive: true });
    await writeFile(join(root, '1', 'model'), 'abc');
    await writeFile(join(root, '1', 'variables', 'data'), 'de');
    await symlink('2', join(root, '2'));
    expect(await directoryBytes(join(root, '1'))).toBe(5);
    const failures: [string, string][] = [
      ['3', 'NOT_FOUND'],
      ['2', 'FAILED_PRECONDITION'],
      [join('1', 'model'), 'FAILED_PRECONDITION'],
    ];
    for (const [folder, code] of failures) {
      await expect(directoryBytes(join(root, folder))).rejects.toMatchObject({ code });
    }
  });
});
