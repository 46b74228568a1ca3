/**
 * Builds the site to `.cache/site`. A link between pages that leads nowhere fails the build. Does nothing when the pages, and the
 * sources that they refer to, are those of the last build.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { linkedSources, readSource } from './source-links.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const record = join(root, '.cache/site.json');

function inputs() {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.js'))
    .map(({ parentPath, name }) => join(parentPath, name));
  const inRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
  const readmes = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  const others = [...inRoot, ...readmes, 'pnpm-lock.yaml'].map((name) => join(root, name));
  return [...docs, ...others].filter((file) => existsSync(file)).sort();
}

function hashOf(sources) {
  const hash = createHash('sha256');
  for (const file of inputs()) hash.update(file.slice(root.length)).update(readFileSync(file));
  for (const file of sources) hash.update(file).update(readSource(file));
  return hash.digest('hex');
}

function isBuilt() {
  if (!existsSync(record)) return false;
  const { hash, sources } = JSON.parse(readFileSync(record, 'utf8'));
  return sources.every((file) => existsSync(join(root, file))) && hashOf(sources) === hash;
}

if (!isBuilt()) {
  rmSync(record, { force: true });
  await build(join(root, 'docs'));
  const sources = [...linkedSources].sort();
  writeFileSync(record, JSON.stringify({ hash: hashOf(sources), sources }));
}
