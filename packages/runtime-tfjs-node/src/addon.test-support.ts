/** Whether tfjs-node's addon is there for tests. `scripts/setup-addon.mjs` makes it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/** `describe` for tests that need the addon. Where it is missing they are skipped, and the title has the reason. */
export function describeWithAddon(name: string, tests: () => void): void {
  const reason = addonUnavailable();
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (SKIPPED without tfjs-node's addon: ${reason})`, tests);
}

function addonUnavailable(): string | undefined {
  const packageFolder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
  if (existsSync(join(packageFolder, 'lib'))) return undefined;
  const reasonFile = fileURLToPath(new URL('../.cache/addon-unavailable.txt', import.meta.url));
  if (existsSync(reasonFile)) return readFileSync(reasonFile, 'utf8').trim();
  return 'run `node packages/runtime-tfjs-node/scripts/setup-addon.mjs` first';
}
