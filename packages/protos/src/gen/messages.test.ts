import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('messages.ts', () => {
  it('is what the generator makes of the .proto files', async () => {
    const script = fileURLToPath(new URL('../../scripts/generate.mjs', import.meta.url));
    await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toMatchObject({ stderr: '' });
  });
});
