/** Holds the pages to the order of the index, docs/README.md. `npx vitest run docs/book.test.js -u` writes the links at each page's end. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pages } from './.vitepress/book.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

const folders = ['guides', 'reference'];

const titleOf = (page) => /^# (.+)$/m.exec(read(`./${page}`))[1];

/** The link from one page to another. */
function link(from, to, text) {
  const target = to.split('/')[0] === from.split('/')[0] ? to.split('/')[1] : `../${to}`;
  return `[${text}](${target})`;
}

/** The page with the links to its neighbours at its end. */
function withNeighbours(page) {
  const index = pages.indexOf(page);
  const [before, after] = [pages[index - 1], pages[index + 1]];
  const links = [
    ...(before === undefined ? [] : [link(page, before, `← ${titleOf(before)}`)]),
    link(page, 'README.md', 'All pages'),
    ...(after === undefined ? [] : [link(page, after, `${titleOf(after)} →`)]),
  ];
  return `${read(`./${page}`).replace(/\n+---\n\n[^\n]*\n*$|\n+$/, '')}\n\n---\n\n${links.join(' · ')}\n`;
}

describe('docs/README.md', () => {
  it('lists every page once, below its own title', () => {
    const files = folders.flatMap((folder) =>
      readdirSync(new URL(folder, import.meta.url))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `${folder}/${name}`),
    );
    expect([...pages].sort()).toEqual(files.sort());
    expect(pages.filter((page) => !read('./README.md').includes(`- [${titleOf(page)}](${page})`))).toEqual([]);
  });

  it.each(pages)('%s leads to the page before and the page after', async (page) => {
    await expect(withNeighbours(page)).toMatchFileSnapshot(`./${page}`);
  });
});
