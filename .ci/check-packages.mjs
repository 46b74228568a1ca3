/**
 * Packs every public package as it would be published and checks the tarballs: that they hold nothing needless, the manifest
 * (publint), and that a project that installs them loads each entry point by `import` and by `require`, and compiles against all
 * their types with an older TypeScript.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const bin = (name) => join(root, 'node_modules/.bin', name);
const work = mkdtempSync(join(tmpdir(), 'serving-packages-'));
const options = { maxBuffer: 64 * 1024 * 1024 };

/** The frameworks that adapters leave to the host; tfjs-node is too large to install here and is loaded lazily. */
const peers = ['express', 'koa', 'fastify', '@grpc/grpc-js', '@opentelemetry/api', 'prom-client'];

/** What an application in TypeScript has beside them. */
const typing = { typescript: '~5.9.0', '@types/node': '^20.19.0', '@types/express': '*' };

/** Packages whose framework's own types don't compile with `skipLibCheck: false`. */
const withBrokenFrameworkTypes = ['@serving/koa', '@serving/runtime-tfjs-node'];

const packages = readdirSync(join(root, 'packages'))
  .map((folder) => ({ folder: join(root, 'packages', folder) }))
  .map(({ folder }) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => !manifest.private);

/** Calls `check` for each item, as many at once as there are processors. */
async function forEach(items, check) {
  const rest = [...items.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await check(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

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

/** Packs all of them. Returns their tarballs, in the order of `packages`. */
async function packed() {
  const target = join(work, 'tarballs');
  const filters = packages.map(({ manifest }) => `--filter=${manifest.name}`);
  // The pnpm that runs this script, if one does, so that no registry is asked for one.
  const { npm_execpath: runner = '' } = process.env;
  const [command, ...args] = /\bpnpm(?:\.exe)?$/.test(runner) ? [runner] : ['npx', '-y', 'pnpm@12'];
  await step('packages: pack', command, [...args, ...filters, 'pack', '--pack-destination', target]);
  return packages.map(({ manifest: { name, version } }) =>
    join(target, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
  );
}

/** Whether a file of a tarball has to be there; outputs whose source is gone would be packed too. */
function isWanted(folder, file) {
  if (/^dist\/web\/(?:assets\/.+-[\w-]{8}\.\w+|index\.html|licenses\.md)$/.test(file)) return true;
  if (/^dist\/model-process\/(?:[\w-]+\.js|licenses\.md)$/.test(file)) return true;
  const output = /^dist\/(.+)\.(?:d\.ts|js)$/.exec(file);
  if (output) return existsSync(join(folder, 'src', `${output[1]}.ts`)) && !/\.(test|test-support)$/.test(output[1]);
  return /^(LICENSE|README\.md|package\.json|(bin|proto|fixtures)\/.+)$/.test(file);
}

async function checkContents({ folder, manifest }, tarball) {
  const { stdout } = await run('tar', ['--list', '--file', tarball], options);
  const files = stdout.trim().split('\n');
  const needless = files.map((file) => file.replace('package/', '')).filter((file) => !isWanted(folder, file));
  console[needless.length ? 'error' : 'log'](`${needless.length ? '✗' : '✓'} ${manifest.name}: contents`);
  if (needless.length === 0) return;
  console.error(`${needless.join('\n')}\nDelete ${join(folder, 'dist')} and build again where these are old outputs.`);
  process.exitCode = 1;
}

async function checkTarball({ folder, manifest }, tarball) {
  await checkContents({ folder, manifest }, tarball);
  await step(`${manifest.name}: manifest`, bin('publint'), ['--strict', tarball]);
}

async function smokeTest(tarballs) {
  const project = join(work, 'project');
  mkdirSync(project);
  const dependencies = Object.fromEntries([
    ...packages.map(({ manifest }, i) => [manifest.name, `file:${tarballs[i]}`]),
    ...peers.map((name) => [name, '*']),
    ...Object.entries(typing),
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
  await forEach(entries, async (entry) => {
    await step(
      `${entry}: import`,
      process.execPath,
      ['--input-type=module', '-e', `const m = await import('${entry}'); ${check}`],
      project,
    );
    await step(`${entry}: require`, process.execPath, ['-e', `const m = require('${entry}'); ${check}`], project);
  });
  await compileAgainst(entries, project);
}

/**
 * What an Express app installs, alone in a project: nothing else of ours has to be named, the command of the engine is there, and the
 * app of the minimal example answers, with the library's absence in its model's status where this machine has none.
 */
async function minimalApp(tarballs) {
  const project = join(work, 'minimal-app');
  mkdirSync(project);
  const named = ['@serving/core', '@serving/savedmodel', '@serving/express'];
  const tarballOf = Object.fromEntries(packages.map(({ manifest }, i) => [manifest.name, `file:${tarballs[i]}`]));
  const dependencies = { ...Object.fromEntries(named.map((name) => [name, tarballOf[name]])), express: '*' };
  // The registry has none of ours: what the three depend on comes from its tarball too.
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies, overrides: overridesOf(tarballOf, named) }),
  );
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  await step('minimal app: installs', 'npm', install, project);
  await step('minimal app: serving-engine', 'npx', ['--no-install', 'serving-engine', '--version'], project);
  const doctor = await run('npx', ['--no-install', 'serving-engine', 'doctor'], { ...options, cwd: project }).catch(
    (error) => error,
  );
  const verdicts = (doctor.stdout ?? '').match(/^(?:Ready\.|.* was not found\.)/gm) ?? [];
  const engineIsThere = verdicts.length === 2;
  console[engineIsThere ? 'log' : 'error'](`${engineIsThere ? '✓' : '✗'} minimal app: serving-engine doctor`);
  if (!engineIsThere) {
    console.error(`${doctor.stdout ?? ''}${doctor.stderr ?? doctor.message}`);
    process.exitCode = 1;
  }
  if (!/^Ready\./m.test(doctor.stdout ?? '')) return;
  cpSync(join(root, 'packages/savedmodel/fixtures/half_plus_two/123'), join(project, 'models/half_plus_two/1'), {
    recursive: true,
  });
  writeFileSync(join(project, 'app.js'), MINIMAL_APP);
  await step('minimal app: answers', process.execPath, ['app.js'], project);
}

/** The rest of our packages, for the dependencies of those that are named. */
function overridesOf(tarballOf, named) {
  return Object.fromEntries(Object.entries(tarballOf).filter(([name]) => !named.includes(name)));
}

const MINIMAL_APP = `
import { ModelServer } from '@serving/core';
import { servingRouter } from '@serving/express';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';
const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
  startPolicy: 'all',
});
const listener = express().use(servingRouter(server)).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + listener.address().port + '/v1/models/half_plus_two:predict';
  const { predictions } = await (await fetch(url, { method: 'POST', body: '{"instances": [1, 2, 5]}' })).json();
  if (String(predictions) !== '2.5,3,4.5') throw new Error('answered ' + predictions);
  listener.close();
  listener.closeAllConnections();
  await server.close();
});
`;

async function compileAgainst(entries, project) {
  const typed = entries.filter((entry) => !withBrokenFrameworkTypes.some((name) => entry.startsWith(name)));
  writeFileSync(
    join(project, 'entries.mts'),
    typed.map((entry, i) => `export type * as entry${i} from '${entry}';\n`).join(''),
  );
  await forEach(Object.entries({ nodenext: 'nodenext', bundler: 'esnext' }), async ([resolution, module]) => {
    const flags = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];
    const args = [...flags, '--module', module, '--moduleResolution', resolution, 'entries.mts'];
    await step(`types: TypeScript ${typing.typescript}, ${resolution}`, 'node_modules/.bin/tsc', args, project);
  });
}

try {
  const tarballs = await packed();
  await forEach(packages, (item, i) => checkTarball(item, tarballs[i]));
  await smokeTest(tarballs);
  await minimalApp(tarballs);
} finally {
  rmSync(work, { recursive: true, force: true });
}
