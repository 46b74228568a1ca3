import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCommand, trustedEnvironment } from './find-command.js';

let root: string;
/** The working folder. */
let work: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'find-command-')));
  work = join(root, 'work');
  await mkdir(work);
});
afterEach(() => rm(root, { recursive: true }));

async function program(...path: string[]): Promise<string> {
  const folder = join(root, ...path);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tool'), '');
  await chmod(join(folder, 'tool'), 0o755);
  return folder;
}

function find(folders: readonly string[], env: NodeJS.ProcessEnv = {}, workingFolder = work) {
  return findCommand('tool', { env: { PATH: folders.join(delimiter), ...env }, workingFolder });
}

describe.skipIf(process.platform === 'win32')('findCommand', () => {
  it('returns the absolute path of the first program of that name', async () => {
    const [first, second] = [await program('a'), await program('b')];
    expect(await find([join(root, 'missing'), first, second])).toBe(join(first, 'tool'));
  });

  it('passes over folders and files without the right to execute', async () => {
    const plain = join(root, 'plain');
    await mkdir(join(root, 'folder', 'tool'), { recursive: true });
    await mkdir(plain);
    await writeFile(join(plain, 'tool'), '');
    expect(await find([join(root, 'folder'), plain])).toBeUndefined();
    expect(await findCommand('tool', { env: {} })).toBeUndefined();
  });

  it('passes over relative and empty entries', async () => {
    await program('work');
    await program('work', 'bin');
    expect(await find(['', '.', 'bin', './bin'])).toBeUndefined();
  });

  it('passes over the working folder, what lies in it, and links to it', async () => {
    const inside = await program('work', 'bin');
    const link = join(root, 'link');
    await symlink(inside, link);
    expect(await find([await program('work'), inside, link])).toBeUndefined();
    expect(await find([await program('work-beside')])).toBe(join(root, 'work-beside', 'tool'));
  });

  it('passes over folders that package managers put on PATH', async () => {
    expect(await find([await program('elsewhere', 'node_modules', '.bin')])).toBeUndefined();
  });

  it.each(['VIRTUAL_ENV', 'CONDA_PREFIX'])('takes programs of an environment that is active (%s)', async (name) => {
    const folder = await program('work', 'environment', 'bin');
    expect(await find([folder], { [name]: join(work, 'environment') })).toBe(join(folder, 'tool'));
    expect(await find([folder], { [name]: join(work, 'other') })).toBeUndefined();
    expect(await find([folder], { [name]: 'environment' })).toBeUndefined();
  });

  it("takes the machine's programs where the working folder holds the whole machine", async () => {
    const folder = await program('a');
    expect(await find([folder], {}, '/')).toBe(join(folder, 'tool'));
  });
});

describe.skipIf(process.platform === 'win32')('trustedEnvironment', () => {
  it('has the folders alone in which programs are looked for, and all else as it was', async () => {
    const inside = await program('work', 'bin');
    const env = { Path: ['', '.', inside, '/usr/bin', '/x/node_modules/.bin', '/bin'].join(delimiter), HOME: '/root' };
    expect(await trustedEnvironment({ env, workingFolder: work })).toEqual({ Path: '/usr/bin:/bin', HOME: '/root' });
  });
});
