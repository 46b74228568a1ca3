/** README files of packages have one form, and their code is lines of an example that tests run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const names = readdirSync(new URL('../packages', import.meta.url)).filter((name) => {
  const manifest = new URL(`../packages/${name}/package.json`, import.meta.url);
  return existsSync(manifest) && !JSON.parse(readFileSync(manifest, 'utf8')).private;
});

const codeLines = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Lines of a snippet that do not follow one another in the example. */
function linesNotIn(snippet, example) {
  const lines = codeLines(example);
  return codeLines(snippet).filter((line) => {
    const at = lines.indexOf(line);
    lines.splice(0, at + 1);
    return at === -1;
  });
}

describe.each(names)('packages/%s/README.md', (name) => {
  const text = read(`../packages/${name}/README.md`);

  it('says what the package is, how it is installed, and where its reference is', () => {
    expect(text).toMatch(new RegExp(`^# @serving/${name}\n\n[^#\`].+|^# @serving/${name}\n\n\`.+`));
    expect(text).toMatch(new RegExp(`\`\`\`sh\nnpm install .*@serving/${name}\\b`));
    expect(text).toMatch(/^Reference: \[[^\]]+\]\(\.\.\/\.\.\/docs\/(guides|reference)\//m);
    expect(text).toContain('A part of [Serving](../../README.md)');
  });

  it('has lines of the example that it names, or commands', () => {
    const [, snippet] = /```js\n(.*?)```/s.exec(text) ?? [];
    if (snippet === undefined) return expect(text.match(/```sh/g)).toHaveLength(2);
    const [, example] = /^From \[examples\/[^\]]+\]\(\.\.\/\.\.\/(examples\/[^)]+)\)\.$/m.exec(text);
    return expect(linesNotIn(snippet, read(`../${example}`))).toEqual([]);
  });
});
