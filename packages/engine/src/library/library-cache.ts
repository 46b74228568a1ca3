/** The cache folder of installed libraries: `<cache>/onnxruntime/<version>-<platform>-<arch>/`, each whole or not there. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ServingError } from '@serving/core';
import { makeFolder } from '@serving/core/extend';
import { libraryAt } from './library-files.js';
import type { NativeLibrary } from './native-library.js';

/** Written last into an installed library's folder; a folder without one doesn't count. */
export interface LibraryManifest {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  /** The main library's file name. */
  readonly library: string;
  /** The file that was downloaded, for people. */
  readonly origin: string;
  /** That file's. */
  readonly sha256: string;
}

/** An installed library. */
export interface CachedLibrary {
  readonly path: string;
  readonly manifest: LibraryManifest;
}

const MANIFEST = 'manifest.json';
const TEMPORARY = '.tmp-';

/** `SERVING_CACHE_DIR`, or `serving` in the system's folder for caches. */
export function defaultCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SERVING_CACHE_DIR) return env.SERVING_CACHE_DIR;
  if (process.platform === 'win32' && isAbsolute(env.LOCALAPPDATA ?? '')) return join(env.LOCALAPPDATA!, 'serving');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'serving');
  const { XDG_CACHE_HOME: cache } = env;
  return join(cache !== undefined && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'serving');
}

/** Why a relative cache folder is refused: files in the working folder are not trusted. */
export function relativeCache(cacheDirectory: string): string {
  return `the cache folder must be an absolute path, got "${cacheDirectory}" (SERVING_CACHE_DIR)`;
}

/** The newest installed library for this machine. */
export async function cachedLibrary(
  cacheDirectory: string,
  library: NativeLibrary,
): Promise<CachedLibrary | undefined> {
  const root = librariesFolder(cacheDirectory, library);
  const suffix = `-${process.platform}-${process.arch}`;
  const names = (await readdir(root).catch(() => [])).filter((name) => name.endsWith(suffix));
  names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const name of names) {
    const manifest = await readManifest(join(root, name, MANIFEST));
    const path = manifest && (await libraryAt(join(root, name, manifest.library), library.fileNames));
    if (manifest && path) return { path, manifest };
  }
  return undefined;
}

/**
 * Gives `work` an empty folder beside the final ones and removes it afterwards, whatever happens. Folders that
 * processes left behind when they were killed are removed first.
 */
export async function withTemporaryFolder<T>(
  cacheDirectory: string,
  library: NativeLibrary,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  if (!isAbsolute(cacheDirectory)) throw new ServingError('INVALID_ARGUMENT', relativeCache(cacheDirectory));
  const root = librariesFolder(cacheDirectory, library);
  await makeFolder(root);
  await sweep(root);
  const folder = join(root, `${TEMPORARY}${hostname()}-${process.pid}-${randomUUID()}`);
  await mkdir(folder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Makes `folder`, which holds the library's files, an installed library in one step. When another process was first, its
 * library is used.
 */
export async function publishLibrary(
  cacheDirectory: string,
  library: NativeLibrary,
  folder: string,
  manifest: LibraryManifest,
): Promise<CachedLibrary> {
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const name of await readdir(folder)) await sync(join(folder, name));
  const name = `${manifest.version}-${manifest.platform}-${manifest.arch}`;
  const final = join(librariesFolder(cacheDirectory, library), name);
  if ((await readManifest(join(final, MANIFEST))) === undefined) {
    try {
      await rename(folder, final);
    } catch (error) {
      // Another process may have been first. What isn't an install (no manifest) was made by hand and stays.
      if ((await readManifest(join(final, MANIFEST))) === undefined) throw error;
    }
  }
  const published = (await readManifest(join(final, MANIFEST))) ?? manifest;
  return { path: join(final, published.library), manifest: published };
}

function librariesFolder(cacheDirectory: string, { cacheName }: NativeLibrary): string {
  return join(cacheDirectory, cacheName);
}

async function readManifest(path: string): Promise<LibraryManifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as LibraryManifest;
    return typeof manifest.library === 'string' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Only this machine's folders: a process number has no meaning on another machine that shares the cache. */
async function sweep(root: string): Promise<void> {
  const own = `${TEMPORARY}${hostname()}-`;
  for (const name of await readdir(root)) {
    if (!name.startsWith(own)) continue;
    const pid = Number.parseInt(name.slice(own.length), 10);
    if (!isAlive(pid)) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
