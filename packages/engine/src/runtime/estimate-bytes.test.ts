import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { estimateFileBytes } from './estimate-bytes.js';

describe('estimateFileBytes', () => {
  it('is 1.2 times the files below a folder, and has the code of a base path for one that can not be read', async () => {
    const root = await mkdtemp(join(tmpdir(), 'estimate-bytes-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await mkdir(join(root, '1', 'variables'), { recursive: true });
    await writeFile(join(root, '1', 'model'), 'abc');
    await writeFile(join(root, '1', 'variables', 'data'), 'de');
    await symlink('2', join(root, '2'));
    expect(await estimateFileBytes(join(root, '1'))).toBe(6);
    const failures: [string, string][] = [
      ['3', 'NOT_FOUND'],
      ['2', 'FAILED_PRECONDITION'],
      [join('1', 'model'), 'FAILED_PRECONDITION'],
    ];
    for (const [folder, code] of failures) {
      await expect(estimateFileBytes(join(root, folder))).rejects.toMatchObject({ code });
    }
  });
});
