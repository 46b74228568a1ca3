import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('.', import.meta.url));
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { NODE_OPTIONS: _, ...env } = process.env;

describe('the page on testing', () => {
  it.each(['price.js', 'price.test.js', 'price.node.js', 'adapter.node.js'])('has %s word for word', (file) => {
    expect(readFileSync(`${cwd}../../docs/testing.md`, 'utf8')).toContain(readFileSync(cwd + file, 'utf8'));
  });
});

describe('the same with other frameworks', () => {
  it('passes in Jest', async () => {
    const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest, '--ci'], { cwd, env });
    expect(stderr).toMatch(/Test Suites: 2 passed, 2 total/);
  });

  it('passes in node:test', async () => {
    const files = ['price.node.js', 'adapter.node.js'];
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd, env });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass [1-9]\d$/m);
  });
});
