/** The public names of every entry point: a change shows in `packages/api-reference/exports.txt`. Update it with `vitest run docs/exports.test.js -u`. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** `X` for a value, `type X` for a type, with the module that a list re-exports from. */
function exportsOf(source) {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const lists = code.matchAll(/^export (type )?\{([^}]*)\}(?: from '([^']+)')?/gm);
  const listed = Array.from(lists, ([, kind = '', names, from]) =>
    names
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => ({ text: kind + item.replace(/^(type )?.* as /, '$1'), from })),
  ).flat();
  const declarations = code.matchAll(/^export (?:abstract |async )?(const|function|class|interface|type) (\w+)/gm);
  const declared = Array.from(declarations, ([, kind, name]) => ({
    text: /interface|type/.test(kind) ? `type ${name}` : name,
    from: undefined,
  }));
  return [...listed, ...declared].sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** What the module of every extension exports, for mount points to find. */
const contractNames = new Set(['createHttpExtension', 'createGrpcExtension']);

const entries = readdirSync(new URL('../packages', import.meta.url)).flatMap((folder) => {
  const { name, private: isPrivate, exports = {} } = JSON.parse(read(`../packages/${folder}/package.json`));
  return Object.entries(exports)
    .filter(([, target]) => !isPrivate && target['@serving/source'])
    .map(([path, target]) => {
      const source = read(`../packages/${folder}/${target['@serving/source']}`);
      return { entry: name + path.slice(1), source, names: exportsOf(source) };
    });
});

describe('the public names', () => {
  it('are those of packages/api-reference/exports.txt', async () => {
    const text = entries.map(({ entry, names }) =>
      [`${entry} (${names.length})`, ...names.map(({ text }) => `  ${text}`), ''].join('\n'),
    );
    await expect(text.join('\n')).toMatchFileSnapshot('../packages/api-reference/exports.txt');
  });

  it('are listed one by one', () => {
    expect(entries.filter(({ source }) => /^export (type )?\*/m.test(source)).map(({ entry }) => entry)).toEqual([]);
  });

  it('are at most fifty in the root of core', () => {
    expect(entries.find(({ entry }) => entry === '@serving/core').names.length).toBeLessThanOrEqual(50);
  });

  it('mean one thing each: none is exported twice, unless an adapter passes on what is another package’s, or core’s part for browsers its own', () => {
    const homes = new Map();
    for (const { entry, names } of entries) {
      if (entry === '@serving/core/portable') continue;
      for (const { text, from = '' } of names) {
        const name = text.replace('type ', '');
        if (from.startsWith('@serving/') || contractNames.has(name)) continue;
        homes.set(name, [...(homes.get(name) ?? []), entry]);
      }
    }
    expect([...homes].filter(([, places]) => places.length > 1)).toEqual([]);
  });

  it('are not the names of other classes inside the packages', () => {
    const homes = new Map();
    const sources = readdirSync(new URL('../packages', import.meta.url)).flatMap((folder) => {
      const isPrivate = JSON.parse(read(`../packages/${folder}/package.json`)).private;
      if (isPrivate) return [];
      const files = readdirSync(new URL(`../packages/${folder}/src`, import.meta.url), { recursive: true });
      return files
        .filter((file) => /(?<!\.test|\.test-support|\.d)\.ts$/.test(file))
        .map((file) => `${folder}/src/${file}`);
    });
    for (const path of sources) {
      for (const [, name] of read(`../packages/${path}`).matchAll(/^export (?:abstract )?class (\w+)/gm)) {
        homes.set(name, [...(homes.get(name) ?? []), path]);
      }
    }
    expect([...homes].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});
