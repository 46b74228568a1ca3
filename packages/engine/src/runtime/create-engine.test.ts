import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from './create-engine.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'create-engine-'));
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

const tensorflow = "export const tensorflowRuntime = (options) => ({ name: 'tensorflow', options });";
const tfjsNode = "export const tfjsNodeRuntime = () => ({ name: 'tfjs-node' });";
const both = { 'runtime-tfjs-node': tfjsNode, 'runtime-tensorflow': tensorflow };

describe('createEngine', () => {
  it.each(['tensorflow', 'tfjs-node'] as const)('makes the engine %s', async (name) => {
    await expect(createEngine(name, { resolvePackage: await installed(both) })).resolves.toMatchObject({ name });
  });

  it('hands its options on', async () => {
    const engineOptions = { libraryPath: '/a' };
    const engine = createEngine('tensorflow', { engineOptions, resolvePackage: await installed(both) });
    await expect(engine).resolves.toMatchObject({ options: engineOptions });
  });

  it('finds the package from the origin', async () => {
    const origin = new URL('../../../savedmodel/src/index.ts', import.meta.url).href;
    await expect(createEngine('tensorflow', { origin })).resolves.toMatchObject({ name: 'tensorflow' });
  });

  it.each(['tensorflow', 'tfjs-node'] as const)('says what to install when %s is missing', async (name) => {
    const missing = createEngine(name, { resolvePackage: await installed({}) });
    await expect(missing).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(missing).rejects.toThrow(
      `The engine "${name}" is not installed: @serving/runtime-${name} was not found`,
    );
    await expect(missing).rejects.toThrow(`Run \`npm install @serving/runtime-${name}\``);
  });

  it.each([
    ['fails to load', "throw new Error('no such library');", 'no such library'],
    ['has another form', 'export const other = 1;', 'not a function'],
    ['fails to start', "export const tensorflowRuntime = () => { throw new Error('bad option'); };", 'bad option'],
  ])('passes on why a package %s', async (_, code, reason) => {
    const resolvePackage = await installed({ ...both, 'runtime-tensorflow': code });
    const engine = createEngine('tensorflow', { resolvePackage });
    await expect(engine).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(engine).rejects.toThrow("can't be loaded: ");
    await expect(engine).rejects.toThrow(reason);
  });
});
