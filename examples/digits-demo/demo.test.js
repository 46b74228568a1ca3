import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const demo = fileURLToPath(new URL('./demo.js', import.meta.url));

describe('the digits demo', () => {
  it('classifies real digits and swaps the version without a failed request', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [demo]);
    const right = Number(/(\d) of 8 as the people/.exec(stdout)?.[1]);
    expect(right).toBeGreaterThanOrEqual(7);
    expect(stdout).toMatch(/before the swap +version 1 answers/);
    expect(stdout).toMatch(/after the swap +version 2 answers/);
    expect(stdout).toMatch(/requests failed +0\n/);
  });
});
