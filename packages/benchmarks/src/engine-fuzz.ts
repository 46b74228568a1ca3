/**
 * Has ONNX Runtime's engine load and run damaged models: `node dist/engine-fuzz.js [COUNT [SEED [FOLDER …]]]`. A folder holds models, each
 * with a version `1`; the default is the fixtures of the compiler and of the ONNX platform. Prints how the trials ended, and each that ended
 * or blocked its process, took more than 5 s or 512 MiB, or failed of an internal error; ends with code 1 when there is one.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFuzz } from './fuzz/run-fuzz.js';

const [count = '2000', seed = '1', ...folders] = process.argv.slice(2);
const defaults = ['onnx-compiler', 'runtime-onnx'].map((name) =>
  fileURLToPath(new URL(`../../${name}/fixtures`, import.meta.url)),
);
const sources: string[] = [];
for (const folder of folders.length > 0 ? folders : defaults) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) sources.push(join(folder, entry.name, '1'));
  }
}
const { outcomes, findings } = await runFuzz(sources, { count: Number(count), seed: Number(seed) });
console.table(outcomes);
for (const { kind, source, seed: at, text } of findings) console.log(`${kind} ${source} seed=${at}\n  ${text}`);
process.exitCode = findings.length > 0 ? 1 : 0;
