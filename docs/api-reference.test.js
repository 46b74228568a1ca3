import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

const rows = Array.from(
  read('./reference/api-reference.md').matchAll(/^\| `(@serving\/[^`]+)` \| (.+) \|$/gm),
  ([, name, names]) => [name, Array.from(names.matchAll(/`(\w+)`/g), ([, exported]) => exported)],
);

const sources = new Map(
  readdirSync(new URL('../packages', import.meta.url)).flatMap((folder) => {
    const { name, private: isPrivate, exports = {} } = JSON.parse(read(`../packages/${folder}/package.json`));
    const entries = Object.entries(exports).filter(
      ([path, target]) => !isPrivate && path !== './internal' && path !== './portable' && target['@serving/source'],
    );
    return entries.map(([path, target]) => [
      name + path.slice(1),
      `../packages/${folder}/${target['@serving/source']}`,
    ]);
  }),
);

describe('docs/reference/api-reference.md', () => {
  it('has every module and no other', () => {
    expect(rows.map(([name]) => name).sort()).toEqual([...sources.keys()].sort());
  });

  it.each(rows)('names exports of %s', (module, names) => {
    const source = read(sources.get(module));
    const exported = names.filter((name) => new RegExp(`^export[^;]*\\b${name}\\b`, 'm').test(source));
    expect(exported).toEqual(names);
    expect(source).toContain(`@module ${module}\n`);
  });
});
