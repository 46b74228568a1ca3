import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { beside, fixture, runExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('the batching example', () => {
  it('runs 70 requests as three batches, the last padded, and prints what the page says', async () => {
    const printed = await runExample(path('batching.js'), [fixture()]);
    expect(printed.split('\n').sort()).toEqual(
      [
        '',
        '70 answers [ 1, 10 ]',
        'Float32Array(2) [ 4, 5 ]',
        'a batch of 32 requests: 32 rows, 0 of padding',
        'a batch of 32 requests: 32 rows, 0 of padding',
        'a batch of 6 requests: 6 rows, 2 of padding',
      ].sort(),
    );
    expect(readFileSync(path('../../docs/guides/batching.md'), 'utf8')).toContain(printed);
  });

  itStandsWordForWord(import.meta.url, ['batching.js'], 'docs/guides/batching.md');
});
