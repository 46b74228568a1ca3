/** Pending changesets: how much they raise the version that all packages share, and what they tell users. */
import { parse } from 'yaml';

const LEVELS = ['patch', 'minor', 'major'];

/**
 * @param {string} text of a file that `changeset` writes
 * @returns {{ levels: string[], summary: string }} the summary as one list item
 * @throws Error for another form
 */
export function readChangeset(text) {
  const [, front, body] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(text) ?? [];
  const levels = Object.values(parse(front ?? '') ?? {});
  const unknown = levels.find((level) => !LEVELS.includes(level));
  if (front === undefined || unknown !== undefined || body.trim() === '') {
    throw new Error(`A changeset names packages with ${LEVELS.join(', ')}, then says what changes:\n${text}`);
  }
  const [first, ...rest] = body.trim().split('\n');
  return { levels, summary: [`- ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())].join('\n') };
}

/** The version after one with these levels of changes, the highest of which counts. */
export function nextVersion(version, levels) {
  const [major, minor, patch] = version.split('.').map(Number);
  switch (LEVELS.findLast((level) => levels.includes(level))) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    default:
      return `${major}.${minor}.${patch + 1}`;
  }
}
