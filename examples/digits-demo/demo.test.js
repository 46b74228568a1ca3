import { describe, expect, it } from 'vitest';
import { beside, runExample } from '../test-support/example-process.js';

describe('the digits demo', () => {
  it('classifies real digits and swaps the version without a failed request', async () => {
    const printed = await runExample(beside(import.meta.url)('demo.js'));
    const right = Number(/(\d) of 8 as the people/.exec(printed)?.[1]);
    expect(right).toBeGreaterThanOrEqual(7);
    expect(printed).toMatch(/before the swap +version 1 answers/);
    expect(printed).toMatch(/after the swap +version 2 answers/);
    expect(printed).toMatch(/requests failed +0\n/);
  });
});
