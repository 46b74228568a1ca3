/**
 * Bundles the programs of models' processes to `dist/model-process` of each engine's package: a process that loads a few files starts in
 * a third of the time that it takes with hundreds of modules. With the licences of what the bundles hold. Files that stay the same are
 * left alone, as processes may be starting from them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const packageFolder = (name) => fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));
const main = join(packageFolder('engine'), 'dist/isolation/child/model-process-main.js');
const compileWorker = join(packageFolder('onnx-compiler'), 'dist/thread/compile-worker.js');

/** Entries by the names of their files, which the engines' `source()` and `compileSavedModelInThread` name. */
const programs = {
  'runtime-onnx': {
    main,
    'onnx-runtime': 'dist/onnx-runtime.js',
    'onnx-model-runtime': 'dist/platform/onnx-model-runtime.js',
    'compile-worker': compileWorker,
  },
  'runtime-tensorflow': { main, 'tensorflow-runtime': 'dist/tensorflow-runtime.js' },
};

/** The folder and the name of the package in `node_modules` that a module belongs to. */
const DEPENDENCY = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/;

function licensesOf(moduleIds) {
  const dependencies = new Map(moduleIds.flatMap((id) => [DEPENDENCY.exec(id)].filter(Boolean)));
  const sections = [...dependencies]
    .sort(([, a], [, b]) => a.localeCompare(b))
    .map(([folder, name]) => {
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      if (file === undefined) throw new Error(`${folder} has no licence`);
      return `## ${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    });
  return `# Licences of what these files hold\n\n${sections.join('\n')}`;
}

async function bundle(name, input) {
  const folder = packageFolder(name);
  const target = join(folder, 'dist/model-process');
  const build = await rolldown({ cwd: folder, input, platform: 'node', external: ['koffi'] });
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[hash].js',
  });
  await build.close();
  const files = new Map(output.map(({ fileName, code }) => [fileName, code]));
  const licenses = licensesOf(output.flatMap(({ moduleIds }) => moduleIds));
  if (licenses.includes('##')) files.set('licenses.md', licenses);
  mkdirSync(target, { recursive: true });
  for (const [file, text] of files) {
    const path = join(target, file);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
  for (const file of readdirSync(target)) if (!files.has(file)) rmSync(join(target, file));
}

for (const [name, input] of Object.entries(programs)) await bundle(name, input);
