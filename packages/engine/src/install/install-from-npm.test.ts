import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemClock } from '@serving/core/extend';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedLibrary } from '../library/library-cache.js';
import { nativeLibraries } from '../library/native-library.js';
import type { InstallContext, InstallProgress } from './install-context.js';
import { checkMachine } from './install-from-npm.js';
import { installInto } from './install-library.js';
import type { KnownFile } from './known-files.js';
import { ONNX_RUNTIME_VERSION } from './known-files-table.js';

const PACKAGE = `onnxruntime-node-${ONNX_RUNTIME_VERSION}.tgz`;
const [LIBRARY] = nativeLibraries.onnx.fileNames;
const place = `package/bin/napi-v6/${process.platform}/${process.arch}/${LIBRARY}`;
const library = 'the library '.repeat(200);
const good = { 'package/package.json': '{}', [place]: library, 'package/script/install.js': 'throw 1' };

let root: string;
let progress: InstallProgress[];
let knownFiles: KnownFile[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'install-from-npm-'));
  progress = [];
  knownFiles = [known(tarball(good))];
});
afterEach(() => rm(root, { recursive: true }));

/** A gzipped tar file of regular files. */
function tarball(files: Readonly<Record<string, string>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name.slice(-99));
    header.write(name.slice(0, -99).replace(/\/$/, ''), 345);
    header.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    const data = Buffer.from(text);
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function known(bytes: Buffer, file = PACKAGE): KnownFile {
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), provenance: 'a test' };
}

/** An `npm` that does what the lines of shell say; `$packages` is the folder for the package, `$asked` what is asked for. */
async function fakeNpm(bytes: Buffer, lines = 'cp "$source" "$packages/$file"'): Promise<void> {
  await mkdir(join(root, 'bin'), { recursive: true });
  await writeFile(join(root, 'source.tgz'), bytes);
  const script = `#!/bin/sh
PATH=/bin:/usr/bin
echo "$@" > ${join(root, 'arguments')}
asked=$2 packages=$4 source=${join(root, 'source.tgz')} file=${PACKAGE}
${lines}
`;
  await writeFile(join(root, 'bin', 'npm'), script);
  await chmod(join(root, 'bin', 'npm'), 0o755);
}

function context(more: Partial<InstallContext> = {}): InstallContext {
  return {
    library: nativeLibraries.onnx,
    cacheDirectory: join(root, 'cache'),
    knownFiles,
    acceptUnknownFile: false,
    onProgress: (step) => progress.push(step),
    clock: systemClock,
    env: { PATH: join(root, 'bin') },
    ...more,
  };
}

const leftovers = (): Promise<string[]> => readdir(join(root, 'cache', 'onnxruntime'));

// The stand-in for npm is a shell script.
describe.skipIf(process.platform === 'win32')('an installation of ONNX Runtime', () => {
  it('downloads the package with npm, without its scripts, and keeps its one library', async () => {
    await fakeNpm(tarball(good));
    const { path, manifest } = await installInto(context());
    expect(await readFile(path, 'utf8')).toBe(library);
    expect(manifest).toMatchObject({ version: ONNX_RUNTIME_VERSION, library: LIBRARY, origin: PACKAGE });
    expect(await readdir(dirname(path))).toEqual([LIBRARY, 'manifest.json']);
    expect(await cachedLibrary(join(root, 'cache'), nativeLibraries.onnx)).toEqual({ path, manifest });
    expect(await readFile(join(root, 'arguments'), 'utf8')).toMatch(
      new RegExp(`^pack onnxruntime-node@${ONNX_RUNTIME_VERSION} --pack-destination .* --ignore-scripts `),
    );
    expect(progress.at(-1)).toEqual({ phase: 'unpack', done: library.length, total: library.length });
    expect(await leftovers()).toEqual([`${ONNX_RUNTIME_VERSION}-${process.platform}-${process.arch}`]);
  });

  it.each([false, true])(
    'refuses the package with other bytes, unknown files accepted: %s',
    async (acceptUnknownFile) => {
      await fakeNpm(tarball({ ...good, 'package/extra': '' }));
      await expect(installInto(context({ acceptUnknownFile }))).rejects.toThrow(`${PACKAGE} has the SHA-256 `);
      expect(await leftovers()).toEqual([]);
    },
  );

  it.each([
    [
      'without a library for this machine',
      tarball({ 'package/package.json': '{}' }),
      'holds no library for this machine',
    ],
    ['that is cut short', tarball(good).subarray(0, 120), "can't be unpacked"],
    ['that is not a tarball', Buffer.from('no tarball'), "can't be unpacked"],
  ])('keeps nothing of a package %s', async (_, bytes, message) => {
    knownFiles = [known(bytes)];
    await fakeNpm(bytes);
    await expect(installInto(context())).rejects.toThrow(message);
    expect(await leftovers()).toEqual([]);
  });

  it('tells what npm failed of', async () => {
    await fakeNpm(tarball(good), 'echo "npm error: 404 Not Found" >&2; exit 1');
    await expect(installInto(context())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^ONNX Runtime could not be installed\. npm: .*404 Not Found$/),
    });
  });

  it('leaves nothing when it is cancelled during the download', async () => {
    await fakeNpm(tarball(good), `touch ${root}/began; exec sleep 20`);
    const cancelling = new AbortController();
    const onProgress = (): void => {
      if (existsSync(join(root, 'began'))) cancelling.abort();
    };
    const installing = installInto(context({ signal: cancelling.signal, onProgress }));
    await expect(installing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await leftovers()).toEqual([]);
  });
});

describe('checkMachine', () => {
  it.each([
    ['linux', 'x64', true],
    ['linux', 'arm64', true],
    ['darwin', 'arm64', false],
    ['win32', 'x64', false],
  ])('accepts %s %s', (platform, arch, hasGlibc) => {
    expect(() => checkMachine(platform, arch, hasGlibc)).not.toThrow();
  });

  it.each([
    ['linux', 'x64', false, 'Linux without glibc (musl) on x64. Use an image with glibc 2.28 or newer'],
    ['darwin', 'x64', false, 'darwin x64. Install the other engine with `serving install tensorflow`'],
    ['linux', 'riscv64', true, 'linux riscv64. Install the other engine'],
  ])('refuses %s %s, glibc: %s', (platform, arch, hasGlibc, message) => {
    expect(() => checkMachine(platform, arch, hasGlibc)).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining(message) }),
    );
  });
});
