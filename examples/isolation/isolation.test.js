import { describe, expect, it } from 'vitest';
import { beside, fixture, runExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

describe('the isolation example', () => {
  it('goes on when the process of a model is killed in the midst of a run', async () => {
    const printed = await runExample(beside(import.meta.url)('isolation.js'), [fixture()]);
    expect(printed.split('\n')).toEqual([
      'uploads: started',
      'uploads: ended by SIGKILL',
      "The model's process was ended by SIGKILL (model uploads version 1)",
      'Float32Array(1) [ 3.5 ]',
      'uploads: started again',
      'Float32Array(1) [ 4 ]',
      '',
    ]);
  });

  itStandsWordForWord(import.meta.url, ['isolation.js'], 'docs/guides/isolation.md');
});
