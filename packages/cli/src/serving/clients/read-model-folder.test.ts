import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readModelFolder } from './read-model-folder.js';

const halfPlusTwo = fileURLToPath(new URL('../../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));

describe('readModelFolder', () => {
  it('takes the latest version of a base path, beyond 2^53 too, and names it exactly', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-clients-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const versions = ['9', '20241130113432124', '20241130113432123', '99999999999999999999'];
    for (const version of versions) cpSync(halfPlusTwo, join(folder, 'm', version), { recursive: true });
    const options = { name: '', tags: ['serve'] };
    expect(await readModelFolder(join(folder, 'm'), options)).toMatchObject({ name: 'm', version: 20241130113432124n });
    expect(await readModelFolder(pathToFileURL(join(folder, 'm', '9')).href, options)).toMatchObject({
      name: 'm',
      version: 9,
    });
  });
});
