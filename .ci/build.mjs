/** Builds every package: first the sources that are made of others, then whatever has changed since the last build, then the programs of models' processes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

await import('../packages/json-codec/scripts/build-number-loops.mjs');
await import('../packages/console/scripts/build-web.mjs');

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const compiler = path('../node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '--build', path('..')], { stdio: 'inherit' });
process.exitCode = status ?? 1;
if (status === 0) await import('./bundle-model-processes.mjs');
