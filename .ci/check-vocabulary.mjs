/**
 * Holds the project's prose to docs/vocabulary.yml: a pattern to avoid is refused in every file that isn't on the list of older
 * places, `.ci/vocabulary-baseline.json`. A listed file may not gain one, and has to leave the list when it has lost them.
 * `--shrink` rewrites the list; it never adds to it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const root = new URL('..', import.meta.url);
const baselineUrl = new URL('vocabulary-baseline.json', import.meta.url);
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

/** Hits of a file: pattern's replacement, line and text. */
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

const baseline = JSON.parse(readFileSync(baselineUrl, 'utf8'));
const shrunk = {};
let wrong = 0;
for (const file of files) {
  const hits = hitsOf(file);
  const allowed = baseline[file] ?? 0;
  if (hits.length > 0) shrunk[file] = Math.min(hits.length, allowed);
  if (hits.length > allowed) {
    wrong += 1;
    console.error(`${file}: ${hits.length} words of docs/vocabulary.yml to avoid (${allowed} are allowed here):`);
    for (const { line, text, use } of hits) console.error(`  ${line}: "${text}", say: ${use}`);
  }
}
const stale = Object.keys(baseline).filter((file) => (shrunk[file] ?? 0) < baseline[file]);
if (process.argv.includes('--shrink')) {
  const kept = Object.entries(shrunk).filter(([, count]) => count > 0);
  writeFileSync(baselineUrl, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
} else if (stale.length > 0) {
  wrong += 1;
  console.error(`Cleaner than the list allows: ${stale.join(', ')}. Run node .ci/check-vocabulary.mjs --shrink`);
}
process.exitCode = wrong === 0 ? 0 : 1;
