/** The pages in the order of the index, docs/README.md. */
import { readFileSync } from 'node:fs';

const index = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Sections of the index: their titles, and of each page its path in docs, its title and what is in it. */
export const sections = index
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    pages: Array.from(
      section.matchAll(/^- \[([^\]]+)\]\(([^)#]+\.md)\)(?:: (.*))?$/gm),
      ([, title, path, summary]) => ({
        title,
        path,
        summary,
      }),
    ),
  }));

/** Paths of the pages, in order. */
export const pages = sections.flatMap((section) => section.pages.map(({ path }) => path));
