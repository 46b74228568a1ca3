/** Refuses the words that docs/vocabulary.yml avoids, in Markdown, sources and tests. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const root = new URL('..', import.meta.url);
const { terms } = parse(readFileSync(new URL('docs/vocabulary.yml', root), 'utf8'));
const rules = terms.map(({ use, avoid, except = [] }) => ({
  use,
  pattern: new RegExp(`(?<![\\w-])(?:${avoid.join('|')})(?![\\w-])`, 'gi'),
  except: except.map((phrase) => new RegExp(phrase, 'gi')),
}));

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const isProse = (file) =>
  /\.(?:md|ts|js|mjs)$/.test(file) && !/(?:^|\/)(?:gen|fixtures|assembly)\/|\.generated\.ts$/.test(file);
const files = listed
  .split('\0')
  .filter((file) => file !== '' && isProse(file))
  .sort();

/** The words to avoid in a file, each with its line and what to use. */
function hitsOf(file) {
  let text;
  try {
    text = readFileSync(new URL(file, root), 'utf8');
  } catch {
    return [];
  }
  const hits = [];
  for (const { use, pattern, except } of rules) {
    const clean = except.reduce((rest, phrase) => rest.replace(phrase, (found) => ' '.repeat(found.length)), text);
    for (const match of clean.matchAll(pattern)) {
      hits.push({ use, text: match[0], line: clean.slice(0, match.index).split('\n').length });
    }
  }
  return hits;
}

let wrong = 0;
for (const file of files) {
  for (const { line, text, use } of hitsOf(file)) {
    wrong += 1;
    console.error(`${file}:${line}: "${text}", say: ${use}`);
  }
}
if (wrong > 0) console.error(`${wrong} words to avoid, by docs/vocabulary.yml`);
process.exitCode = wrong === 0 ? 0 : 1;
