/**
 * Makes a version of the pending changesets: raises the version of every package, moves the changes of CHANGELOG.md below it, and
 * removes the changesets. RELEASING.md says when. (`changeset version` would make each minor change a major one of
 * `@serving/open-inference`, which has a peer among the packages, and so of all of them.)
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseChangelog } from './changelog.mjs';
import { nextVersion, readChangeset } from './changesets.mjs';

const root = new URL('../..', import.meta.url).pathname;
const pending = readdirSync(join(root, '.changeset'))
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => join(root, '.changeset', file));
if (pending.length === 0) {
  console.error('No changesets: npx changeset describes a change, and says whether it is a major, minor or patch one');
  process.exit(1);
}
const changesets = pending.map((path) => readChangeset(readFileSync(path, 'utf8')));
const manifests = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'package.json'));
const manifestPaths = [join(root, 'package.json'), ...manifests];
const before = JSON.parse(readFileSync(manifestPaths[0], 'utf8')).version;
const levels = changesets.flatMap((changeset) => changeset.levels);
const version = nextVersion(before, levels);

const changelogPath = join(root, 'CHANGELOG.md');
const changelog = releaseChangelog(readFileSync(changelogPath, 'utf8'), {
  version,
  date: new Date().toISOString().slice(0, 10),
  summaries: changesets.map(({ summary }) => summary),
});
writeFileSync(changelogPath, changelog);
for (const path of manifestPaths) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${version}"`));
}
for (const path of pending) rmSync(path);
console.log(`${before} → ${version}: review the changes, then commit them as "release: ${version}"`);
