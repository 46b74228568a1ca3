import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { systemClock } from '@serving/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installFromPip } from './install-from-pip.js';
import { type InstallContext, type InstallProgress, installInto } from './install-library.js';
import { cachedLibrary } from './library-cache.js';

const WHEEL = 'tensorflow_cpu-9.8.7-cp311-cp311-manylinux_2_27_x86_64.whl';
const viaPip: Parameters<typeof installInto>[1] = [['pip', installFromPip]];

let root: string;
let progress: InstallProgress[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'install-library-'));
  progress = [];
});
afterEach(() => rm(root, { recursive: true }));

/** A `pip3` that does what the lines of shell say with its arguments; `$dest` is the folder to download to. */
async function fakePip(lines: string): Promise<void> {
  await mkdir(join(root, 'bin'), { recursive: true });
  const script = `#!/bin/sh
case "$*" in *--version*) exit 0;; esac
while [ "$#" -gt 1 ]; do [ "$1" = --dest ] && dest=$2; shift; done
package=$1
${lines}
`;
  await writeFile(join(root, 'bin', 'pip3'), script);
  await chmod(join(root, 'bin', 'pip3'), 0o755);
}

/** A zip file of uncompressed entries. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, path);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(locals.length, 8);
  end.writeUInt16LE(locals.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

async function writeWheel(files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(root, 'source.whl');
  await writeFile(path, zip(files));
  return path;
}

const goodFiles = {
  'tensorflow/__init__.py': '',
  'tensorflow/libtensorflow_cc.so.2': 'the library',
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
};

function context(signal?: AbortSignal): InstallContext {
  return {
    cacheDirectory: join(root, 'cache'),
    onProgress: (step) => progress.push(step),
    signal,
    clock: systemClock,
    env: { ...process.env, PATH: `${join(root, 'bin')}:/bin:/usr/bin` },
  };
}

/** Only the fake one answers on this PATH. */
function isolated(signal?: AbortSignal): InstallContext {
  return { ...context(signal), env: { PATH: `${join(root, 'bin')}:${join(root, 'tools')}` } };
}

async function tools(): Promise<void> {
  await mkdir(join(root, 'tools'), { recursive: true });
  for (const name of ['cp', 'sleep', 'touch']) {
    await writeFile(join(root, 'tools', name), `#!/bin/sh\nPATH=/bin:/usr/bin exec ${name} "$@"\n`);
    await chmod(join(root, 'tools', name), 0o755);
  }
}

async function leftovers(): Promise<string[]> {
  return readdir(join(root, 'cache', 'libtensorflow'));
}

// The stand-in for pip is a shell script, and the wheel holds Linux's file names.
describe.skipIf(process.platform !== 'linux')('installInto', () => {
  beforeEach(tools);

  it('downloads a wheel with pip and keeps its libraries', async () => {
    await fakePip(`cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    const { path, manifest } = await installInto(isolated(), viaPip);
    expect(manifest).toEqual({
      version: '9.8.7',
      platform: process.platform,
      arch: process.arch,
      library: 'libtensorflow_cc.so.2',
      origin: WHEEL,
    });
    expect(await readFile(path, 'utf8')).toBe('the library');
    expect(await readFile(join(dirname(path), 'libtensorflow_framework.so.2'), 'utf8')).toBe('the framework');
    expect(await cachedLibrary(join(root, 'cache'))).toEqual({ path, manifest });
    expect(progress.at(-1)).toEqual({ phase: 'unpack', done: 24, total: 24 });
    expect(await leftovers()).toEqual([`9.8.7-${process.platform}-${process.arch}`]);
  });

  it("asks for another Python's wheel when there is none for the own one", async () => {
    const wheel = await writeWheel(goodFiles);
    await fakePip(`[ -e ${root}/asked ] || { touch ${root}/asked; echo 'ERROR: No matching distribution' >&2; exit 1; }
cp ${wheel} "$dest/${WHEEL}"`);
    expect((await installInto(isolated(), viaPip)).manifest.version).toBe('9.8.7');
  });

  it('tells what each attempt failed of', async () => {
    await fakePip('echo "ERROR: No matching distribution found for $package" >&2; exit 1');
    await expect(installInto(isolated(), viaPip)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /could not be installed\. pip: python3: .*ENOENT.*No matching distribution found for tensorflow-cpu.*--python-version 3\.12.*No matching distribution found for tensorflow$/s,
      ),
    });
    expect(await leftovers()).toEqual([]);
  });

  it('names what to install where no pip runs', async () => {
    await expect(installInto(isolated(), viaPip)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /pip: none that runs \(python3: .*ENOENT.*\)\. Install pip \(.*\), or the npm package @tensorflow\/tfjs-node$/,
      ),
    });
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['no zip file', 'not a zip'],
    ['a wheel without the library', zip({ 'tensorflow/__init__.py': '' })],
    ['a wheel that is cut short', zip(goodFiles).subarray(0, 150)],
  ])('keeps nothing of %s', async (_, bytes) => {
    await writeFile(join(root, 'source.whl'), bytes);
    await fakePip(`cp ${join(root, 'source.whl')} "$dest/${WHEEL}"`);
    await expect(installInto(isolated(), viaPip)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await leftovers()).toEqual([]);
  });

  it('can be done several times at once; all get the same library', async () => {
    await fakePip(`sleep 0.2; cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    const libraries = await Promise.all([1, 2, 3].map(() => installInto(isolated(), viaPip)));
    expect(new Set(libraries.map(({ path }) => path)).size).toBe(1);
    expect(existsSync(libraries[0]!.path)).toBe(true);
    expect(await leftovers()).toEqual([`9.8.7-${process.platform}-${process.arch}`]);
  });

  it('leaves nothing when it is cancelled during the download', async () => {
    await fakePip(`touch ${root}/began; exec sleep 20`);
    const cancelling = new AbortController();
    const install = installInto(
      { ...isolated(cancelling.signal), onProgress: () => existsSync(join(root, 'began')) && cancelling.abort() },
      viaPip,
    );
    await expect(install).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await leftovers()).toEqual([]);
  });

  it('leaves nothing when it is cancelled while unpacking', async () => {
    await fakePip(`cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    const cancelling = new AbortController();
    const install = installInto(
      { ...isolated(cancelling.signal), onProgress: ({ phase }) => phase === 'unpack' && cancelling.abort() },
      viaPip,
    );
    await expect(install).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await leftovers()).toEqual([]);
  });

  it('removes what killed installations left, and nothing of those that run', async () => {
    await fakePip(`cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    const dead = `.tmp-${hostname()}-999999999-x`;
    const alive = `.tmp-${hostname()}-${process.pid}-x`;
    const elsewhere = '.tmp-another-machine-1-x';
    for (const name of [dead, alive, elsewhere]) {
      await mkdir(join(root, 'cache', 'libtensorflow', name), { recursive: true });
    }
    await installInto(isolated(), viaPip);
    const names = await leftovers();
    expect(names).not.toContain(dead);
    expect(names).toEqual(expect.arrayContaining([alive, elsewhere]));
  });
});
