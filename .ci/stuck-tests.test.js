import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'stuck-tests-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

it.runIf(process.platform === 'linux')('ends a test file that loops forever, names it, and runs the others', () => {
  writeFileSync(join(root, 'loops.test.js'), `it('loops', () => { for (;;); });`);
  writeFileSync(join(root, 'passes.test.js'), `it('passes', () => undefined);`);

  const options = ['run', `--root=${root}`, '--globals', '--maxWorkers=1', '--reporter=default'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path('../node_modules/vitest/vitest.mjs'), ...options, `--reporter=${path('stuck-tests.mjs')}`],
    { encoding: 'utf8', env: { ...process.env, STUCK_AFTER_MS: '10000' }, timeout: 50_000 },
  );

  expect(stderr).toMatch(/Stuck for 10 s: .*loops\.test\.js/);
  expect(stderr).toMatch(/Threads of process \d+:\n {2}node R /);
  expect(stdout).toMatch(/passes\.test\.js/);
  expect(status).toBe(1);
});
