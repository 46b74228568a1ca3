import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { beside } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const run = promisify(execFile);
const cwd = beside(import.meta.url)('.');
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { NODE_OPTIONS: _, ...env } = process.env;

describe('the page on testing', () => {
  itStandsWordForWord(
    import.meta.url,
    ['price.js', 'price.test.js', 'price.node.js', 'adapter.node.js'],
    'docs/guides/testing.md',
  );
});

describe('the same with other frameworks', () => {
  it('passes in Jest', async () => {
    const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest, '--ci'], { cwd, env });
    expect(stderr).toMatch(/Test Suites: 2 passed, 2 total/);
    expect(stderr).toMatch(/Tests: +[1-9]\d passed, [1-9]\d total/);
  });

  it('passes in node:test', async () => {
    const files = ['price.node.js', 'adapter.node.js'];
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd, env });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass [1-9]\d$/m);
  });
});
