/**
 * Publishes every public package in its present version, with provenance. Each is packed, and its manifest and README get the
 * address of the repository, which the root manifest must name. `--dry-run` packs into `.cache/release` and publishes nothing.
 * Run again after a failure: packages whose version is published already are skipped.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releasedManifest, releasedReadme, repositoryUrl } from './released-package.mjs';

const root = new URL('../..', import.meta.url).pathname;
const target = join(root, '.cache/release');
const isDryRun = process.argv.includes('--dry-run');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const run = (command, args, cwd = root) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });

/** A tarball of the package as it is published. */
function pack(folder, url) {
  const name = folder.replace('packages/', '');
  const work = join(target, name);
  mkdirSync(work, { recursive: true });
  run('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', work], join(root, folder));
  const [tarball] = readdirSync(work);
  run('tar', ['--extract', '--file', tarball], work);
  const unpacked = join(work, 'package');
  const manifest = releasedManifest(readJson(join(unpacked, 'package.json')), { url, folder });
  writeFileSync(join(unpacked, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const readme = readFileSync(join(unpacked, 'README.md'), 'utf8');
  writeFileSync(join(unpacked, 'README.md'), releasedReadme(readme, { url, folder }));
  run('tar', ['--create', '--gzip', '--file', tarball, 'package'], work);
  cpSync(join(work, tarball), join(target, tarball));
  rmSync(work, { recursive: true });
  return { id: `${manifest.name}@${manifest.version}`, path: join(target, tarball) };
}

function isPublished(id) {
  try {
    return run('npm', ['view', id, 'version']).trim() !== '';
  } catch {
    return false;
  }
}

let url;
try {
  url = repositoryUrl(readJson(join(root, 'package.json')));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
rmSync(target, { recursive: true, force: true });
const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
const packages = folders
  .filter((folder) => !readJson(join(root, folder, 'package.json')).private)
  .map((folder) => pack(folder, url));
for (const { id, path } of packages) {
  if (isDryRun) {
    console.log(`${id}: ${path}`);
  } else if (isPublished(id)) {
    console.log(`${id}: published already`);
  } else {
    run('npm', ['publish', path, '--provenance', '--access', 'public']);
    console.log(`${id}: published`);
  }
}
