import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorOf } from './.vitepress/heading-anchor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pagesIn = (folder) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
const folders = [
  'docs',
  'docs/guides',
  'docs/reference',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
];
const pages = [...pagesIn('.'), ...folders.flatMap((folder) => pagesIn(folder).map((name) => `${folder}/${name}`))];

const withoutCode = (text) => text.replace(/^```.*?^```$/gms, '');

/** Anchors of a page's headings. */
function anchorsOf(file) {
  const headings = withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, text]) => anchorOf(text));
}

/** The relative links of a page that lead nowhere. */
function brokenLinks(page) {
  const links = withoutCode(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g);
  return Array.from(links, ([, link]) => link).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [target, anchor] = link.split('#');
    const file = target === '' ? join(root, page) : join(root, dirname(page), target);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
}

describe('links', () => {
  it.each(pages)('%s has none that leads nowhere', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});
