/**
 * Compiles the AssemblyScript sources in `assembly/` to WebAssembly and writes the module, as base64, to
 * `src/numbers/number-loops.generated.ts`. Does nothing when that file is up to date.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { powersOfTenSource } from './powers-of-ten-source.mjs';

const folder = new URL('../assembly/', import.meta.url);
const target = new URL('../src/numbers/number-loops.generated.ts', import.meta.url);

const options = [
  '--optimizeLevel=3',
  '--shrinkLevel=0',
  '--enable=simd',
  '--noAssert',
  '--runtime=stub',
  '--use=abort=',
  '--initialMemory=7',
  '--maximumMemory=7',
  // Above the areas of memory-areas.ts.
  '--memoryBase=393216',
];

const sources = new Map([['powers-of-ten.ts', powersOfTenSource()]]);
for (const name of readdirSync(folder).sort()) {
  // Linters know no decorators of functions, so they stand in comments.
  if (name.endsWith('.ts'))
    sources.set(name, readFileSync(new URL(name, folder), 'utf8').replaceAll('/* @inline */', '@inline'));
}
const hash = createHash('sha256')
  .update(JSON.stringify([options, ...sources]))
  .digest('hex');

if (!existsSync(target) || !readFileSync(target, 'utf8').includes(hash)) {
  const { default: asc } = await import('assemblyscript/asc');
  let module;
  const { error, stderr } = await asc.main(['number-loops.ts', '--outFile=number-loops.wasm', ...options], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name === 'number-loops.wasm') module = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`The loops don't compile:\n${stderr}`, { cause: error });
  const host = { parseExactly: () => 0, writeExactly: () => 0 };
  const { instance } = await WebAssembly.instantiate(module, { host });
  const globals = Object.entries(instance.exports).filter(([, value]) => value instanceof WebAssembly.Global);
  const text = [
    '/** Made by scripts/build-number-loops.mjs from the sources in assembly/. */',
    `// ${hash}`,
    '',
    '// Addresses in the memory of the module, as in assembly/memory-areas.ts.',
    ...globals.map(([name, { value }]) => `export const ${name} = ${value};`),
    '',
    `export const NUMBER_LOOPS: string =\n  '${Buffer.from(module).toString('base64')}';`,
    '',
  ].join('\n');
  // Renamed in one step, so that builds that run at the same time never read half a file.
  const part = new URL(`${target.href}.${process.pid}`);
  writeFileSync(part, text);
  renameSync(part, target);
}
