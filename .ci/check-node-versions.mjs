/**
 * `node .ci/check-node-versions.mjs [version …]`: the packed packages, and the tests of core, http, grpc and savedmodel, on other versions of
 * Node (22, 24 and 26 by default), whose programs come from the npm registry. Build and install the engines first.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const tested = ['packages/core', 'packages/http', 'packages/grpc', 'packages/savedmodel'];
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26'];

/** Returns the path of the program. */
async function installNode(version, folder) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  writeFileSync(join(folder, 'package.json'), '{}');
  await run('npm', ['install', '--no-audit', '--no-fund', `${name}@${version}`], { cwd: folder });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** Whether the script ends without an error. */
async function passes(node, ...args) {
  // npx and the scripts of packages find the same Node.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const [code] = await once(spawn(node, args, { cwd: root, env, stdio: 'inherit' }), 'exit');
  return code === 0;
}

const failed = [];
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), 'serving-node-'));
  try {
    const node = await installNode(version, folder);
    console.log(`\nNode ${(await run(node, ['--version'])).stdout.trim()}`);
    const checks = {
      packages: ['.ci/check-packages.mjs'],
      tests: ['node_modules/vitest/vitest.mjs', 'run', ...tested],
    };
    for (const [name, args] of Object.entries(checks)) {
      if (!(await passes(node, ...args))) failed.push(`${name} on Node ${version}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
for (const name of failed) console.error(`✗ ${name}`);
process.exitCode = failed.length === 0 ? 0 : 1;
