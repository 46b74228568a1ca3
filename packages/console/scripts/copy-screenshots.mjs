/**
 * Brings screenshots of the pages to the docs: those that the tests in `web/chromium` made last in `.cache/console-screenshots`.
 *
 *     npx vitest run packages/console/web/chromium && node packages/console/scripts/copy-screenshots.mjs
 */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MOST_BYTES = 150_000;
const made = new URL('../../../.cache/console-screenshots/', import.meta.url);
const docs = new URL('../../../docs/images/', import.meta.url);

/** Names in the docs, by the names of the tests. */
const shown = {
  'models-light-1280': 'console-models',
  'model-dark-1280': 'console-model',
  'answer-light-1280': 'console-try',
  'difference-dark-1280': 'console-compare',
  'log-light-1280': 'console-log',
};

mkdirSync(docs, { recursive: true });
for (const [name, target] of Object.entries(shown)) {
  const file = new URL(`${name}.png`, made);
  const { size } = statSync(file);
  if (size > MOST_BYTES)
    throw new Error(`${fileURLToPath(file)} has ${size} bytes; the docs take at most ${MOST_BYTES}`);
  copyFileSync(file, new URL(`${target}.png`, docs));
}
