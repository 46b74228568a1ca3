/**
 * Links of the pages, as the site needs them. Pages refer to each other, and to sources, by paths in the repository; the site has
 * pages at paths of its own, and the sources that pages refer to as text files below `source/`.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The path of a page in the site, without its extension; `undefined` for files that are not pages of it. */
export function sitePath(file) {
  if (file === 'docs/README.md') return '/';
  const page = /^(?:docs\/((?:guides|reference)\/[\w-]+)|([A-Z]+)|(packages\/[\w-]+)\/README)\.md$/.exec(file);
  const path = page?.[1] ?? page?.[2]?.toLowerCase() ?? page?.[3];
  if (path === undefined) return undefined;
  return path === 'readme' ? '/overview' : `/${path}`;
}

/** Paths of the sources that the pages rendered so far refer to. */
export const linkedSources = new Set();

function siteLink(href, page) {
  if (/^(?:[a-z]+:|#)/.test(href)) return href;
  const [target, anchor] = href.split('#');
  const file = posix.join(posix.dirname(page), target);
  const path = sitePath(file);
  if (path !== undefined) return path + (anchor === undefined ? '' : `#${anchor}`);
  linkedSources.add(file.replace(/\/$/, ''));
  return `/source/${file.replace(/\/$/, '')}.txt`;
}

/** A plugin of markdown-it that turns the links of the repository into those of the site. */
export function siteLinks(md) {
  md.core.ruler.push('site-links', ({ tokens, env }) => {
    const page = posix.relative(root, env.realPath ?? env.path);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') token.attrSet('href', siteLink(token.attrGet('href'), page));
    }
  });
}

/** The text of a file, or of each file of a folder. */
export function readSource(file) {
  const path = join(root, file);
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8');
  const names = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return names.map(({ name }) => `==> ${name} <==\n\n${readFileSync(join(path, name), 'utf8')}`).join('\n');
}

/** Writes the sources that the rendered pages refer to. */
export function writeLinkedSources(outDir) {
  for (const file of linkedSources) {
    const target = join(outDir, 'source', `${file}.txt`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readSource(file));
  }
}
