import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectRuntime } from './select-runtime.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'select-runtime-'));
});

afterAll(() => rm(root, { recursive: true }));

/** What finds these packages, given by their code, and no others. */
async function installed(packages: Readonly<Record<string, string>>): Promise<(name: string) => string | undefined> {
  const folder = await mkdtemp(join(root, 'packages-'));
  const paths = new Map<string, string>();
  for (const [name, code] of Object.entries(packages)) {
    paths.set(`@serving/${name}`, join(folder, `${name}.mjs`));
    await writeFile(join(folder, `${name}.mjs`), code);
  }
  return (name) => paths.get(name);
}

const tensorflow = "export const tensorflowRuntime = () => ({ name: 'tensorflow' });";
const tfjsNode = "export const tfjsNodeRuntime = () => ({ name: 'tfjs-node' });";
const both = { 'runtime-tfjs-node': tfjsNode, 'runtime-tensorflow': tensorflow };

describe('selectRuntime', () => {
  it.each([
    ['the only one', { 'runtime-tfjs-node': tfjsNode }, undefined, 'tfjs-node'],
    ['tensorflow before tfjs-node', both, undefined, 'tensorflow'],
    ['the named one', both, 'tfjs-node', 'tfjs-node'],
  ] as const)('takes %s', async (_, packages, name, expected) => {
    await expect(selectRuntime(name, await installed(packages))).resolves.toMatchObject({ name: expected });
  });

  it('finds the package beside this one', async () => {
    await expect(selectRuntime('tensorflow')).resolves.toMatchObject({ name: 'tensorflow' });
  });

  it.each([
    [undefined, '@serving/runtime-tensorflow or @serving/runtime-tfjs-node was', '@serving/runtime-tensorflow'],
    ['tensorflow', ': @serving/runtime-tensorflow was', '@serving/runtime-tensorflow'],
    ['tfjs-node', ': @serving/runtime-tfjs-node was', '@serving/runtime-tfjs-node'],
  ] as const)('says what to install when there is none (%s)', async (name, tried, install) => {
    const selection = selectRuntime(name, await installed({}));
    await expect(selection).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(selection).rejects.toThrow(tried);
    await expect(selection).rejects.toThrow(`Run \`npm install ${install}\``);
  });

  it.each([
    ['fails to load', "throw new Error('no such library');", 'no such library'],
    ['has another form', 'export const other = 1;', 'not a function'],
    ['fails to start', "export const tensorflowRuntime = () => { throw new Error('bad option'); };", 'bad option'],
  ])('passes on why a package %s', async (_, code, reason) => {
    const resolve = await installed({ ...both, 'runtime-tensorflow': code });
    const selection = selectRuntime(undefined, resolve);
    await expect(selection).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(selection).rejects.toThrow("can't be loaded: ");
    await expect(selection).rejects.toThrow(reason);
  });
});
