/** Runs the built package in a folder that holds everything which a look-up could mistake for its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const built = new URL('../../dist/', import.meta.url).href;
let root: string;
let work: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'working-folder-')));
  work = join(root, 'work');
  await mkdir(join(root, 'pip'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const executed = (): boolean => existsSync(join(root, 'executed'));

async function place(path: string, text: string, mode = 0o644): Promise<void> {
  const file = join(work, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
}

/** Files and programs that tell when they are executed. */
async function placeTraps(): Promise<void> {
  const python = `open(${JSON.stringify(join(root, 'executed'))}, 'w')\n`;
  for (const name of ['pip/__init__.py', 'pip/__main__.py', 'site.py', 'sitecustomize.py', 'usercustomize.py']) {
    await place(name, python);
  }
  for (const name of ['python3', 'python', 'pip3', 'node_modules/.bin/python3']) {
    await place(name, `#!/bin/sh\ntouch ${join(root, 'executed')}\n`, 0o755);
  }
  await place('importlib/util.py', python);
  await place('tensorflow/libtensorflow_cc.so.2', '');
  await place('libtensorflow.so.2', '');
  await place(
    'node_modules/@tensorflow/tfjs-node/package.json',
    '{"name": "@tensorflow/tfjs-node", "version": "4.22.0"}',
  );
  await place('node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so.2', '');
}

/** What the built package finds with the working folder in front of everything. */
async function lookUp(): Promise<string> {
  const script = `
    import { systemClock } from ${JSON.stringify(import.meta.resolve('@serving/core/extend'))};
    import { findPip } from '${built}install/install-from-pip.js';
    import { pythonTensorFlow } from '${built}library/python-tensorflow.js';
    import { tfjsNodePackage } from '${built}library/tfjs-node-package.js';
    const failures = [];
    const pip = await findPip({ clock: systemClock, env: process.env }, ${JSON.stringify(join(root, 'pip'))}, failures);
    console.log(JSON.stringify({ pip, failures, python: await pythonTensorFlow(systemClock), tfjs: tfjsNodePackage() }));
  `.replaceAll(/packages\/core\/src\/([\w/-]+)\.ts/g, 'packages/core/dist/$1.js');
  const { PATH = '' } = process.env;
  const env = {
    ...process.env,
    PATH: `:.:node_modules/.bin:${work}/node_modules/.bin:${work}:${PATH}`,
    PYTHONPATH: '.',
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: work,
    env,
  });
  return stdout;
}

// Traps are shell scripts.
describe.skipIf(process.platform === 'win32')('a working folder of others', () => {
  it('is neither executed nor found by the look-ups', async () => {
    await placeTraps();
    const found = await lookUp();
    expect(JSON.parse(found)).toHaveProperty('python');
    expect(found).not.toContain(work);
    expect(executed()).toBe(false);
  });
});
