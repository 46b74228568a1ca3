import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installLibrary } from '../install/install-library.js';
import { findLibrary, lookForLibrary } from './find-library.js';
import { defaultCacheDirectory } from './library-cache.js';
import { nativeLibraries } from './native-library.js';

const [ownName] = nativeLibraries.tensorflow.fileNames;
const engine = 'tensorflow';
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-library-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** A file that is found like a library and is none. */
async function placeFile(...path: string[]): Promise<string> {
  const file = join(root, ...path, ownName!);
  await mkdir(join(root, ...path), { recursive: true });
  await writeFile(file, 'not a library');
  return file;
}

async function placeInstalled(version: string, arch: string = process.arch): Promise<string> {
  const folder = `${version}-${process.platform}-${arch}`;
  const path = await placeFile('cache', 'libtensorflow', folder);
  const manifest = { version, platform: process.platform, arch, library: ownName, origin: 'a test' };
  await writeFile(join(root, 'cache', 'libtensorflow', folder, 'manifest.json'), JSON.stringify(manifest));
  return path;
}

describe('findLibrary', () => {
  it('takes the explicit path, a file or its folder, before all others', async () => {
    const path = await placeFile('explicit');
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', join(root, 'elsewhere'));
    expect(await findLibrary({ engine, libraryPath: path })).toMatchObject({ path, source: 'option' });
    expect(await findLibrary({ engine, libraryPath: join(root, 'explicit') })).toMatchObject({
      path,
      source: 'option',
    });
  });

  it('takes TENSORFLOW_LIBRARY_PATH before the cache', async () => {
    await placeInstalled('9.0.0');
    const path = await placeFile('environment');
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', join(root, 'environment'));
    const found = await findLibrary({ engine, cacheDirectory: join(root, 'cache') });
    expect(found).toEqual({ path, source: 'environment', tried: [{ source: 'environment', outcome: path }] });
  });

  it('takes the newest installed version for this machine', async () => {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', '');
    await placeInstalled('9.9.0');
    await placeInstalled('9.11.0', 'other');
    const path = await placeInstalled('9.10.0');
    expect(await findLibrary({ engine, cacheDirectory: join(root, 'cache') })).toMatchObject({ path, source: 'cache' });
  });

  it.each(['libs', '.', './libs/libtensorflow.so.2', 'libtensorflow.so.2'])(
    'takes no library that lies relative to the working folder: %s',
    async (path) => {
      const tried = `the library's path must be absolute, got "${path}"`;
      await expect(findLibrary({ engine, libraryPath: path })).rejects.toThrow(`(tried option: ${tried})`);
      vi.stubEnv('TENSORFLOW_LIBRARY_PATH', path);
      await expect(findLibrary({ engine })).rejects.toThrow(`(tried environment: ${tried})`);
    },
  );

  it('takes no cache that lies relative to the working folder', async () => {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', '');
    const { tried } = await lookForLibrary({ engine, cacheDirectory: 'cache' });
    const outcome = 'the cache folder must be an absolute path, got "cache" (SERVING_CACHE_DIR)';
    expect(tried[0]).toEqual({ source: 'cache', outcome });
  });

  it('looks for ONNX Runtime under its own variable and in its own folder of the cache', async () => {
    const [name] = nativeLibraries.onnx.fileNames;
    vi.stubEnv('ONNXRUNTIME_LIBRARY_PATH', join(root, 'nothing'));
    await expect(findLibrary({ engine: 'onnx' })).rejects.toThrow(
      /^ONNX Runtime was not found\. Run `npx serving-engine install` \(tried environment: no .*onnxruntime.* at .*nothing\)$/,
    );
    await mkdir(join(root, 'own'));
    await writeFile(join(root, 'own', name!), '');
    vi.stubEnv('ONNXRUNTIME_LIBRARY_PATH', join(root, 'own'));
    expect(await findLibrary({ engine: 'onnx' })).toMatchObject({
      path: join(root, 'own', name!),
      source: 'environment',
    });
    vi.stubEnv('ONNXRUNTIME_LIBRARY_PATH', '');
    await placeInstalled('9.0.0');
    const { tried } = await lookForLibrary({ engine: 'onnx', cacheDirectory: join(root, 'cache') });
    expect(tried.map(({ source }) => source)).toEqual(['cache', 'onnxruntime-node']);
  });

  it('says what was tried and which command installs a library', async () => {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', join(root, 'nothing'));
    await expect(findLibrary({ engine })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(
        /not found\. Run `npx serving-engine install tensorflow` \(tried environment: no libtensorflow.* at .*nothing\)$/,
      ),
    });
  });
});

describe('defaultCacheDirectory', () => {
  it('is SERVING_CACHE_DIR where that is set', () => {
    expect(defaultCacheDirectory({ SERVING_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  });

  it.runIf(process.platform === 'linux')("is 'serving' in the user's cache folder on Linux", () => {
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: '/b' })).toBe('/b/serving');
    expect(defaultCacheDirectory({})).toMatch(/\/\.cache\/serving$/);
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/serving$/);
  });
});

describe('installLibrary', () => {
  it('returns at once when there is a library', async () => {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', '');
    const path = await placeInstalled('9.0.0');
    expect(await installLibrary({ engine, cacheDirectory: join(root, 'cache') })).toMatchObject({
      path,
      source: 'cache',
    });
  });

  it('refuses when TENSORFLOW_LIBRARY_PATH would hide what it installs', async () => {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', join(root, 'nothing'));
    await expect(installLibrary({ engine, cacheDirectory: join(root, 'cache') })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('TENSORFLOW_LIBRARY_PATH is set'),
    });
  });
});
