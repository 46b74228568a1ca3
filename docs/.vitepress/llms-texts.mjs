/** `llms.txt`, an index of the pages for language models, and `llms-full.txt`, the pages themselves. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sections } from './book.mjs';

const readPage = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Writes both texts, and the Markdown of each page beside its HTML. */
export function writeLlmsTexts(outDir) {
  const pages = sections.flatMap((section) => section.pages);
  for (const { path } of pages) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true });
    writeFileSync(join(outDir, path), readPage(path));
  }
  const lists = sections.map((section) =>
    [
      `## ${section.title}`,
      '',
      ...section.pages.map(({ title, path, summary }) => `- [${title}](/${path})${summary ? `: ${summary}` : ''}`),
    ].join('\n'),
  );
  const head =
    "# Serving\n\n> An embeddable model-serving core for Node: TensorFlow Serving's design and wire APIs as packages.";
  writeFileSync(join(outDir, 'llms.txt'), `${[head, ...lists].join('\n\n')}\n`);
  writeFileSync(join(outDir, 'llms-full.txt'), pages.map(({ path }) => readPage(path)).join('\n'));
}
