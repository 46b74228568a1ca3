/**
 * Makes @tensorflow/tfjs-node's addon ready where its own installer can't download it: takes TensorFlow's library and
 * headers from the Python package's wheel and runs tfjs-node's own build. Our tests need it; users of the runtime don't
 * when their tfjs-node works.
 *
 *     node packages/runtime-tfjs-node/scripts/setup-addon.mjs
 *
 * Does nothing when the addon loads already. Everything is made in a folder beside the package and renamed into place
 * at the end, so an interrupted or a second simultaneous run does no harm; no file of the package is written to (they may be
 * hard links into the package manager's store). When it can't be done it says why, leaves the reason in
 * `.cache/addon-unavailable.txt` for the tests to show, and exits with 0. It needs a build, and downloads only a wheel whose SHA-256 is in
 * `serving install`'s table; TENSORFLOW_WHEEL names a wheel that is there already.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeFolder, systemClock } from '@serving/core/extend';
import { findCommand, trustedEnvironment } from '../../engine/dist/install/find-command.js';
import { withTensorFlowWheel } from '../../engine/dist/install/install-from-pip.js';
import { knownFilesTable } from '../../engine/dist/install/known-files-table.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const reasonFile = fileURLToPath(new URL('../.cache/addon-unavailable.txt', import.meta.url));

/** What the wheel holds that the build needs; the prefixes are folders of headers. */
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tsl/platform/', 'xla/tsl/c/'];

const EXTRACT = `
import os, shutil, sys, zipfile
wheel, target, libraries, headers = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.namelist():
        name = entry.removeprefix('tensorflow/')
        if name.endswith('/'): continue
        if name in libraries: path = os.path.join(target, 'lib', name)
        elif name.startswith('include/') and name.removeprefix('include/').startswith(tuple(headers)): path = os.path.join(target, name)
        else: continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(entry) as source, open(path, 'wb') as file: shutil.copyfileobj(source, file, 1 << 20)
`;

/** Why the addon can't be made here: expected, not a fault of this script. */
class Unavailable extends Error {}

await main();

async function main() {
  const packageFolder = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  try {
    if (await addonLoads(packageFolder)) say('the addon is there');
    else await setUp(packageFolder);
    rmSync(reasonFile, { force: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`CAN'T BE SET UP: ${reason}`);
    say('the tests of @serving/runtime-tfjs-node that need it will be skipped');
    await makeFolder(dirname(reasonFile));
    writeFileSync(reasonFile, `${reason}\n`);
    if (!(error instanceof Unavailable)) throw error;
  }
}

async function setUp(packageFolder) {
  if (process.platform !== 'linux') {
    throw new Unavailable(`this script builds on Linux only; run "npm rebuild @tensorflow/tfjs-node" here`);
  }
  const python = await findProgram(['python3', 'python'], 'Python');
  await findProgram(['c++', 'g++'], 'a C++ compiler');
  await findProgram(['make'], 'make');

  sweep(packageFolder);
  const work = join(packageFolder, `.setup-${process.pid}`);
  mkdirSync(work);
  try {
    for (const name of ['package.json', 'binding.gyp', 'binding']) {
      cpSync(join(packageFolder, name), join(work, name), { recursive: true });
    }
    const wheel = process.env.TENSORFLOW_WHEEL ?? (await downloadWheel(join(work, 'wheel')));
    say(`taking TensorFlow's library and headers from ${basename(wheel)}`);
    await run(python, ['-I', '-c', EXTRACT, wheel, join(work, 'deps'), LIBRARIES.join(' '), HEADERS.join(' ')]);
    // The names that the linker looks for.
    symlinkSync('libtensorflow_cc.so.2', join(work, 'deps/lib/libtensorflow.so'));
    symlinkSync('libtensorflow_framework.so.2', join(work, 'deps/lib/libtensorflow_framework.so'));
    await build(packageFolder, work);
    rmSync(join(work, 'deps/include'), { recursive: true });
    if (await addonLoads(packageFolder)) return say('another run was faster: the addon is there');
    // The addon finds its library beside it, so the library comes first.
    moveInto(packageFolder, work, 'deps');
    moveInto(packageFolder, work, 'lib');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!(await addonLoads(packageFolder))) throw new Error('The addon was built but does not load');
  say('the addon is ready');
}

/** Removes what interrupted runs left behind. */
function sweep(packageFolder) {
  for (const name of readdirSync(packageFolder)) {
    if (name.startsWith('.setup-') && !isAlive(Number(name.slice('.setup-'.length)))) {
      rmSync(join(packageFolder, name), { recursive: true, force: true });
    }
  }
}

/** Only a wheel whose SHA-256 is in the table of `serving install`. */
async function downloadWheel(folder) {
  mkdirSync(folder);
  say('downloading TensorFlow with pip (about 270 MB)');
  let saidAt = Date.now();
  const onProgress = ({ done }) => {
    if (Date.now() - saidAt < 3000) return;
    saidAt = Date.now();
    say(`downloading TensorFlow's wheel: ${Math.round(done / 1e6)} MB`);
  };
  const check = { knownFiles: knownFilesTable, acceptUnknownFile: false };
  const context = {
    ...check,
    cacheDirectory: folder,
    onProgress,
    clock: systemClock,
    env: await trustedEnvironment({ env: process.env }),
  };
  try {
    return await withTensorFlowWheel(context, folder, async ({ path }) => path);
  } catch (error) {
    throw new Unavailable(`pip can't download TensorFlow: ${error.message}`);
  }
}

async function build(packageFolder, work) {
  say("building tfjs-node's addon (about a minute)");
  const preGyp = createRequire(join(packageFolder, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  // The addon uses Node-API only, so any Node's headers will do; without them node-gyp downloads some.
  const headers = findUnderPrefix('include/node/node_api.h');
  const nodeGyp = findUnderPrefix('lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  const env = { ...process.env, ...(nodeGyp && { npm_config_node_gyp: nodeGyp.path }) };
  const args = [preGyp, 'install', '--build-from-source', ...(headers ? [`--nodedir=${headers.prefix}`] : [])];
  const started = Date.now();
  const report = setInterval(() => say(`building: ${Math.round((Date.now() - started) / 1000)} s`), 5000);
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let log = '';
      const keep = (chunk) => {
        log = (log + chunk).slice(-4000);
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(undefined);
        else reject(new Unavailable(`tfjs-node's build failed with exit code ${code}:\n${log}`));
      });
    });
  } finally {
    clearInterval(report);
  }
}

function findUnderPrefix(file) {
  for (const prefix of [dirname(dirname(process.execPath)), '/usr/local', '/usr']) {
    const path = join(prefix, file);
    if (existsSync(path)) return { prefix, path };
  }
  return undefined;
}

/** A folder that is there already belongs to an addon that doesn't load, or to a run at the same time. */
function moveInto(packageFolder, work, name) {
  const target = join(packageFolder, name);
  try {
    if (existsSync(target)) renameSync(target, join(work, `old-${name}`));
    renameSync(join(work, name), target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

async function addonLoads(packageFolder) {
  const lib = join(packageFolder, 'lib');
  const folder = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('napi-v')) : undefined;
  if (folder === undefined) return false;
  const script = `require(${JSON.stringify(join(lib, folder, 'tfjs_binding.node'))}).TF_Version.length || process.exit(1)`;
  return run(process.execPath, ['-e', script]).then(
    () => true,
    () => false,
  );
}

async function findProgram(names, what) {
  for (const name of names) {
    const path = await findCommand(name, { env: process.env });
    if (path !== undefined) return path;
  }
  throw new Unavailable(`${what} is needed (tried ${names.join(', ')})`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function say(text) {
  process.stdout.write(`tfjs-node: ${text}\n`);
}
