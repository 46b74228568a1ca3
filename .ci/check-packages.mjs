/**
 * Packs every public package as it would be published and checks the tarballs: the manifest (publint), the types (attw), and
 * that a project that installs them loads each entry point by `import` and by `require`.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const bin = (name) => join(root, 'node_modules/.bin', name);
const work = mkdtempSync(join(tmpdir(), 'serving-packages-'));
const options = { maxBuffer: 64 * 1024 * 1024 };

/** The frameworks that adapters leave to the host; tfjs-node is too large to install here and is loaded lazily. */
const peers = ['express', 'koa', 'fastify', '@grpc/grpc-js', '@opentelemetry/api'];

const packages = readdirSync(join(root, 'packages'))
  .map((folder) => ({ folder: join(root, 'packages', folder) }))
  .map(({ folder }) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => !manifest.private);

/** Runs a command and, when it fails, shows what it printed. */
async function step(title, command, args, cwd = root) {
  try {
    const { stdout } = await run(command, args, { ...options, cwd });
    console.log(`✓ ${title}`);
    return stdout;
  } catch (error) {
    console.error(`✗ ${title}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
    process.exitCode = 1;
    return '';
  }
}

async function packed({ folder, manifest }) {
  const target = join(work, 'tarballs', manifest.name.replace('/', '-'));
  mkdirSync(target, { recursive: true });
  await step(`${manifest.name}: packs`, 'npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', target], folder);
  return join(target, readdirSync(target)[0]);
}

async function checkTarball({ manifest }, tarball) {
  await step(`${manifest.name}: manifest`, bin('publint'), ['--strict', tarball]);
  await step(`${manifest.name}: types`, bin('attw'), ['--profile', 'esm-only', tarball]);
}

async function smokeTest(tarballs) {
  const project = join(work, 'project');
  mkdirSync(project);
  const dependencies = Object.fromEntries([
    ...packages.map(({ manifest }, i) => [manifest.name, `file:${tarballs[i]}`]),
    ...peers.map((name) => [name, '*']),
  ]);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await step(
    'tarballs: install together',
    'npm',
    ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'],
    project,
  );
  const entries = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports)
      .filter((path) => path !== './package.json' && !path.includes('*'))
      .map((path) => manifest.name + path.slice(1)),
  );
  const check = 'if (!Object.keys(m).length) throw new Error("no exports"); console.log(Object.keys(m).length);';
  for (const entry of entries) {
    await step(
      `${entry}: import`,
      process.execPath,
      ['--input-type=module', '-e', `const m = await import('${entry}'); ${check}`],
      project,
    );
    await step(`${entry}: require`, process.execPath, ['-e', `const m = require('${entry}'); ${check}`], project);
  }
}

try {
  const tarballs = [];
  for (const item of packages) {
    const tarball = await packed(item);
    tarballs.push(tarball);
    await checkTarball(item, tarball);
  }
  await smokeTest(tarballs);
} finally {
  rmSync(work, { recursive: true, force: true });
}
