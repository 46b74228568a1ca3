import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const own = new URL('../..', import.meta.url).pathname;

/** A repository with one package, and the scripts of this one. */
function repository() {
  const root = mkdtempSync(join(tmpdir(), 'serving-version-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['.ci', '.changeset', 'packages/core']) mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(own, '.ci/release'), join(root, '.ci/release'), { recursive: true });
  symlinkSync(join(own, 'node_modules'), join(root, 'node_modules'));
  for (const folder of ['.', 'packages/core']) {
    writeFileSync(join(root, folder, 'package.json'), '{\n  "name": "x",\n  "version": "0.1.0"\n}\n');
  }
  writeFileSync(join(root, '.changeset/README.md'), '# Changesets\n');
  writeFileSync(join(root, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n- Old.\n');
  return root;
}

const makeVersion = (root) => promisify(execFile)(process.execPath, [join(root, '.ci/release/version.mjs')]);

it('raises every version, moves the changes below it and removes the changesets', async () => {
  const root = repository();
  const changeset = join(root, '.changeset/brave-cats.md');
  writeFileSync(changeset, '---\n"@serving/core": minor\n---\n\nNew.\n');
  expect((await makeVersion(root)).stdout).toContain('0.1.0 → 0.2.0');
  for (const folder of ['.', 'packages/core']) {
    expect(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).version).toBe('0.2.0');
  }
  expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toMatch(
    /^# Changelog\n\n## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n- New\.\n- Old\.\n$/,
  );
  expect(existsSync(changeset)).toBe(false);
});

it('refuses to make a version without changesets', async () => {
  await expect(makeVersion(repository())).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No changesets: npx changeset describes a change'),
  });
});
