/** The changelog of a release: what is unreleased, with the summaries of changesets, gets a version and a date. */

const UNRELEASED = '## Unreleased';

/**
 * @param {string} changelog
 * @param {{ version: string, date: string, summaries: readonly string[] }} release
 * @throws Error for a changelog without the heading of unreleased changes, for a version that is there already, and for no changes.
 */
export function releaseChangelog(changelog, { version, date, summaries }) {
  const start = changelog.indexOf(`${UNRELEASED}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md: "${UNRELEASED}" is missing`);
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md: ${version} is there already`);
  const rest = changelog.slice(start + UNRELEASED.length + 1);
  const next = rest.search(/^## /m);
  const items = (next < 0 ? rest : rest.slice(0, next)).trim();
  const older = next < 0 ? '' : `\n${rest.slice(next)}`;
  const changes = [...summaries, items].filter((text) => text !== '').join('\n');
  if (changes === '') throw new Error('CHANGELOG.md: nothing to release; npx changeset describes a change');
  return `${changelog.slice(0, start)}${UNRELEASED}\n\n## ${version} - ${date}\n\n${changes}\n${older}`;
}
