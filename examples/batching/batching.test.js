import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const source = readFileSync(path('./batching.js'), 'utf8');
const page = readFileSync(path('../../docs/batching.md'), 'utf8');

describe('the batching example', () => {
  it('runs 70 requests as three batches, the last padded, and prints what the page says', async () => {
    const fixtures = path('../../packages/savedmodel/fixtures');
    const { stdout } = await promisify(execFile)(process.execPath, [path('./batching.js'), fixtures]);
    expect(stdout.split('\n').sort()).toEqual(
      [
        '',
        '70 answers [ 1, 10 ]',
        'Float32Array(2) [ 4, 5 ]',
        'a batch of 32 requests: 32 rows, 0 of padding',
        'a batch of 32 requests: 32 rows, 0 of padding',
        'a batch of 6 requests: 6 rows, 2 of padding',
      ].sort(),
    );
    expect(page).toContain(stdout);
  });

  it('stands word for word in docs/batching.md', () => {
    expect(page).toContain(source);
  });
});
