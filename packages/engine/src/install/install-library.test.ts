import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { systemClock } from '@serving/core/extend';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cachedLibrary } from '../library/library-cache.js';
import { nativeLibraries } from '../library/native-library.js';
import type { InstallContext, InstallProgress } from './install-context.js';
import { installFromPip } from './install-from-pip.js';
import { installFromTfjsNode } from './install-from-tfjs-node.js';
import { installInto } from './install-library.js';
import type { KnownFile } from './known-files.js';
import { TENSORFLOW_VERSION } from './known-files-table.js';

const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const wheelOf = (python: string): string =>
  `tensorflow_cpu-${TENSORFLOW_VERSION}-${python}-${python}-manylinux_2_27_${ARCHITECTURE}.whl`;
const WHEEL = wheelOf('cp311');
const viaPip: Parameters<typeof installInto>[1] = [['pip', installFromPip]];

let root: string;
let progress: InstallProgress[];
let knownFiles: KnownFile[];
let acceptUnknownFile: boolean;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'install-library-'));
  progress = [];
  knownFiles = [known(WHEEL, zip(goodFiles))];
  acceptUnknownFile = false;
});
afterEach(() => rm(root, { recursive: true }));

/** A `pip3` that does what the lines of shell say with its arguments; `$dest` is the folder to download to, `$asked` the tag. */
async function fakePip(lines: string): Promise<void> {
  await mkdir(join(root, 'bin'), { recursive: true });
  const script = `#!/bin/sh
case "$*" in *--version*) exit 0;; esac
while [ "$#" -gt 1 ]; do
  [ "$1" = --dest ] && dest=$2
  [ "$1" = --abi ] && asked=$2
  shift
done
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

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function known(file: string, bytes: Buffer | undefined): KnownFile {
  return { file, sha256: bytes && sha256(bytes), provenance: 'a test' };
}

function context(signal?: AbortSignal): InstallContext {
  return {
    library: nativeLibraries.tensorflow,
    cacheDirectory: join(root, 'cache'),
    knownFiles,
    acceptUnknownFile,
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
      version: TENSORFLOW_VERSION,
      platform: process.platform,
      arch: process.arch,
      library: 'libtensorflow_cc.so.2',
      origin: WHEEL,
      sha256: sha256(zip(goodFiles)),
    });
    expect(await readFile(path, 'utf8')).toBe('the library');
    expect(await readFile(join(dirname(path), 'libtensorflow_framework.so.2'), 'utf8')).toBe('the framework');
    expect(await cachedLibrary(join(root, 'cache'), nativeLibraries.tensorflow)).toEqual({ path, manifest });
    expect(progress.at(-1)).toEqual({ phase: 'unpack', done: 24, total: 24 });
    expect(await leftovers()).toEqual([`${TENSORFLOW_VERSION}-${process.platform}-${process.arch}`]);
  });

  it.each(['cp310', 'cp311', 'cp313'])('takes the only file that the index has, for %s', async (python) => {
    knownFiles = ['cp313', 'cp312', 'cp311', 'cp310'].map((tag) => known(wheelOf(tag), zip(goodFiles)));
    await fakePip(`[ "$asked" = ${python} ] || { echo 'ERROR: No matching distribution' >&2; exit 1; }
cp ${await writeWheel(goodFiles)} "$dest/${wheelOf(python)}"`);
    expect((await installInto(isolated(), viaPip)).manifest.origin).toBe(wheelOf(python));
  });

  it('tells what each attempt failed of', async () => {
    knownFiles = ['cp312', 'cp311'].map((tag) => known(wheelOf(tag), zip(goodFiles)));
    await fakePip('echo "ERROR: No matching distribution found for $package" >&2; exit 1');
    await expect(installInto(isolated(), viaPip)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /could not be installed\. pip: no python3 on PATH; .*--python-version 3\.12 .*No matching distribution found for tensorflow-cpu==[\d.]+; .*--python-version 3\.11 .*; no other file has a known SHA-256 \(--accept_unknown_file\)$/s,
      ),
    });
    expect(await leftovers()).toEqual([]);
  });

  it.each([false, true])('refuses a known file with other bytes, unknown files accepted: %s', async (accept) => {
    acceptUnknownFile = accept;
    knownFiles = [known(WHEEL, Buffer.from('the file as it was published'))];
    await fakePip(`cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    await expect(installInto(isolated(), viaPip)).rejects.toThrow(
      `${WHEEL} has the SHA-256 ${sha256(zip(goodFiles))}, expected ${knownFiles[0]!.sha256}`,
    );
    expect(await leftovers()).toEqual([]);
  });

  it('downloads no file whose hash is not known, unless that is accepted', async () => {
    knownFiles = [known(WHEEL, undefined)];
    await fakePip(`touch ${root}/asked; cp ${await writeWheel(goodFiles)} "$dest/${WHEEL}"`);
    await expect(installInto(isolated(), viaPip)).rejects.toThrow(/no SHA-256 of TensorFlow .* --accept_unknown_file/);
    expect(existsSync(join(root, 'asked'))).toBe(false);
    acceptUnknownFile = true;
    expect((await installInto(isolated(), viaPip)).manifest).toMatchObject({
      origin: WHEEL,
      sha256: sha256(zip(goodFiles)),
    });
  });

  it('refuses another file than the one that was asked for', async () => {
    await fakePip(`cp ${await writeWheel(goodFiles)} "$dest/${wheelOf('cp39')}"`);
    await expect(installInto(isolated(), viaPip)).rejects.toThrow(
      `The SHA-256 of ${wheelOf('cp39')} is not known here (its SHA-256 is ${sha256(zip(goodFiles))}). ` +
        '`serving-engine install --accept_unknown_file` installs it all the same',
    );
  });

  it('takes another version when unknown files are accepted and there is no other', async () => {
    acceptUnknownFile = true;
    const other = WHEEL.replace(TENSORFLOW_VERSION, '9.8.7');
    await fakePip(`case "$package" in *==*) exit 1;; esac; cp ${await writeWheel(goodFiles)} "$dest/${other}"`);
    expect((await installInto(isolated(), viaPip)).manifest).toMatchObject({ version: '9.8.7', origin: other });
  });

  it('names what to install where no pip runs', async () => {
    await expect(installInto(isolated(), viaPip)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /pip: none that runs \(no python3 on PATH; no pip3 on PATH; .*\)\. Install pip \(.*\), or the npm package @tensorflow\/tfjs-node$/,
      ),
    });
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['no zip file', 'not a zip'],
    ['a wheel without the library', zip({ 'tensorflow/__init__.py': '' })],
    ['a wheel that is cut short', zip(goodFiles).subarray(0, 150)],
  ])('keeps nothing of %s', async (_, bytes) => {
    knownFiles = [known(WHEEL, Buffer.from(bytes))];
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
    expect(await leftovers()).toEqual([`${TENSORFLOW_VERSION}-${process.platform}-${process.arch}`]);
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

  describe('with tfjs-node', () => {
    /** As the install script names it for this machine. */
    const ARCHIVE =
      process.arch === 'arm64'
        ? 'libtensorflow_r2_7_linux_arm64.tar.gz'
        : 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
    const viaTfjsNode: Parameters<typeof installInto>[1] = [['tfjs-node', installFromTfjsNode]];

    /** Files as a tar archive, compressed. */
    function tarball(files: Readonly<Record<string, string>>): Buffer {
      const blocks = Object.entries(files).flatMap(([name, text]) => {
        const header = Buffer.alloc(512);
        header.write(name);
        header.write('0000644\0', 100);
        header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
        header.write('        0', 148);
        header.write('ustar\u000000', 257);
        header.write(
          `${header
            .reduce((sum, byte) => sum + byte, 0)
            .toString(8)
            .padStart(6, '0')}\0 `,
          148,
        );
        const data = Buffer.alloc(512 * Math.ceil(text.length / 512));
        data.write(text);
        return [header, data];
      });
      return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
    }

    const archive = tarball({
      'lib/libtensorflow.so.2': 'the library',
      'lib/libtensorflow.so.2.9.1': 'the library',
      'lib/libtensorflow_framework.so.2': 'the framework',
    });

    /** The install script's host, on this machine. */
    async function serve(answer: Buffer | number): Promise<{ env: NodeJS.ProcessEnv; asked: string[] }> {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url ?? '');
        if (typeof answer === 'number') response.writeHead(answer).end();
        else response.end(answer);
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const { HTTP_PROXY: _a, http_proxy: _b, HTTPS_PROXY: _c, https_proxy: _d, ...env } = process.env;
      return { env: { ...env, CDN_STORAGE: url, TFJS_NODE_BASE_URI: `${url}libtensorflow-` }, asked };
    }

    it('downloads the archive, and unpacks it when its hash is the known one', async () => {
      knownFiles = [known(ARCHIVE, archive)];
      const { env, asked } = await serve(archive);
      const { path, manifest } = await installInto({ ...context(), env }, viaTfjsNode);
      expect(asked).toEqual([expect.stringContaining(ARCHIVE)]);
      expect(manifest).toMatchObject({ version: '2.9.1', origin: ARCHIVE, sha256: sha256(archive) });
      expect(await readFile(path, 'utf8')).toBe('the library');
      expect(await readFile(join(dirname(path), 'libtensorflow_framework.so.2'), 'utf8')).toBe('the framework');
    });

    it.each([
      [
        'that is unknown',
        () => [],
        /The SHA-256 of .* is not known here\. `serving-engine install --accept_unknown_file`/,
      ],
      ['with other bytes', () => [known(ARCHIVE, Buffer.from('x'))], /has the SHA-256 \w{64}, expected \w{64}$/],
    ] as const)('refuses an archive %s', async (_, table, message) => {
      knownFiles = [...table()];
      const { env, asked } = await serve(archive);
      await expect(installInto({ ...context(), env }, viaTfjsNode)).rejects.toThrow(message);
      expect(asked.length).toBeLessThanOrEqual(1);
      expect(await leftovers()).toEqual([]);
    });

    it('takes an unknown archive where that is accepted', async () => {
      knownFiles = [];
      acceptUnknownFile = true;
      const { env } = await serve(archive);
      expect((await installInto({ ...context(), env }, viaTfjsNode)).manifest.origin).toBe(ARCHIVE);
    });

    it('tells what the host answered', async () => {
      knownFiles = [known(ARCHIVE, archive)];
      const { env } = await serve(404);
      await expect(installInto({ ...context(), env }, viaTfjsNode)).rejects.toThrow(/is answered with 404$/);
    });
  });
});
