/**
 * Builds the console's pages with Vite to `dist/web`, with hashed names and the licences of what the bundle holds. Does nothing when
 * the sources are those of the last build.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const sources = join(packageFolder, 'web');
const target = join(packageFolder, 'dist/web');
const record = join(packageFolder, 'dist/web.tsbuildinfo');

/** Options that the result depends on; relative addresses, so that the pages work below any path. */
const options = {
  base: './',
  css: { transformer: 'lightningcss' },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
  },
};

/**
 * Leaves out what uPlot attaches to its class for other plots than lines over time: a bundler has to keep it, and it is a tenth of
 * uPlot.
 */
const leaveOutPlotKinds = {
  name: 'leave-out-plot-kinds',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('uPlot.esm')) return undefined;
    const attached =
      /^\s*(?:uPlot\.(?:assign|fmtNum|range\w+|orient|join|fmtDate|tzDate|addGap|clipGaps)|\(paths\.(?:stepped|bars|spline)) *= \w+\)?;$/gm;
    if (code.match(attached)?.length !== EXPECTED_PARTS)
      throw new Error('This uPlot attaches other parts to its class: check them.');
    return code.replace(attached, '');
  },
};
const EXPECTED_PARTS = 14;

function hashOfSources() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .concat(join(packageFolder, 'package.json'), join(packageFolder, '../../pnpm-lock.yaml'))
    .sort();
  for (const file of files) hash.update(file.slice(packageFolder.length)).update(readFileSync(file));
  return hash.digest('hex');
}

const hash = hashOfSources();
const isBuilt = existsSync(join(target, 'index.html')) && existsSync(record) && readFileSync(record, 'utf8') === hash;
if (!isBuilt) {
  // A test that builds has another one, and got a larger bundle.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  // Beside the target and renamed, so that a server that starts meanwhile reads either build whole.
  const part = `${target}.${process.pid}`;
  await build({
    ...options,
    root: sources,
    configFile: false,
    plugins: [leaveOutPlotKinds],
    logLevel: 'warn',
    build: { ...options.build, outDir: part, emptyOutDir: true },
  });
  rmSync(target, { recursive: true, force: true });
  renameSync(part, target);
  writeFileSync(record, hash);
}
