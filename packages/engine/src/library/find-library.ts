/** Finds TensorFlow's library on this machine. */
import { isAbsolute, join } from 'node:path';
import { ServingError } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import { cachedLibrary, defaultCacheDirectory, relativeCache } from './library-cache.js';
import { libraryAt, libraryFileNames } from './library-files.js';
import { pythonTensorFlow } from './python-tensorflow.js';
import { tfjsNodePackage } from './tfjs-node-package.js';

/** The places that are looked at, in this order. */
export type LibrarySource = 'option' | 'environment' | 'cache' | 'tfjs-node' | 'python';

/** A place that was looked at, and what was found there. */
export interface LibraryAttempt {
  readonly source: LibrarySource;
  readonly outcome: string;
}

/** A library that was found; it may still refuse to load. */
export interface FoundLibrary {
  /** The main library's file. */
  readonly path: string;
  readonly source: LibrarySource;
  /** Everything that was looked at, this library last. */
  readonly tried: readonly LibraryAttempt[];
}

/** Where to look for TensorFlow's library. */
export interface FindLibraryOptions {
  /** Absolute path of a library's file or its folder; then nothing else is looked at. Default: `TENSORFLOW_LIBRARY_PATH`, if set. */
  readonly libraryPath?: string;
  /** Absolute path of where {@link installLibrary} puts libraries. Default: `SERVING_CACHE_DIR`, else the system's folder for caches. */
  readonly cacheDirectory?: string;
}

/**
 * Looks at the explicit path (option, then environment), the cache folder, `deps/lib` of `@tensorflow/tfjs-node`, and
 * a `tensorflow` package of Python, and takes the first library there is. Loads nothing, and looks at nothing for the sake of
 * lying in the working folder.
 *
 * @throws ServingError `FAILED_PRECONDITION` when there is none, with what was tried and the command that installs one.
 */
export async function findLibrary(options: FindLibraryOptions = {}): Promise<FoundLibrary> {
  const { path, source, tried } = await lookForLibrary(options);
  if (path !== undefined && source !== undefined) return { path, source, tried };
  const list = tried.map((attempt) => `${attempt.source}: ${attempt.outcome}`).join('; ');
  throw new ServingError(
    'FAILED_PRECONDITION',
    `TensorFlow's library was not found. Run \`npx serving-engine install\` (tried ${list})`,
  );
}

/** What a search came to; without `path` there is no library. */
export interface LibrarySearch {
  readonly path?: string;
  readonly source?: LibrarySource;
  readonly tried: readonly LibraryAttempt[];
}

/** As {@link findLibrary}, but finding nothing is an answer too. */
export async function lookForLibrary(options: FindLibraryOptions): Promise<LibrarySearch> {
  const tried: LibraryAttempt[] = [];
  const found = (source: LibrarySource, path: string): LibrarySearch => {
    tried.push({ source, outcome: path });
    return { path, source, tried };
  };
  const missed = (source: LibrarySource, outcome: string): void => void tried.push({ source, outcome });
  const names = libraryFileNames().join(' or ');

  const explicit = options.libraryPath ?? (process.env.TENSORFLOW_LIBRARY_PATH || undefined);
  if (explicit !== undefined) {
    const source = options.libraryPath === undefined ? 'environment' : 'option';
    if (!isAbsolute(explicit)) {
      missed(source, `the library's path must be absolute, got "${explicit}"`);
      return { tried };
    }
    const path = await libraryAt(explicit);
    if (path !== undefined) return found(source, path);
    missed(source, `no ${names} at ${explicit}`);
    return { tried };
  }

  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const isUsable = isAbsolute(cacheDirectory);
  const cached = isUsable ? await cachedLibrary(cacheDirectory) : undefined;
  if (cached !== undefined) return found('cache', cached.path);
  missed('cache', isUsable ? `nothing installed in ${cacheDirectory}` : relativeCache(cacheDirectory));

  const tfjsNode = tfjsNodePackage();
  const depsFolder = tfjsNode === undefined ? undefined : join(tfjsNode, 'deps', 'lib');
  const deps = depsFolder === undefined ? undefined : await libraryAt(depsFolder);
  if (deps !== undefined) return found('tfjs-node', deps);
  missed('tfjs-node', depsFolder === undefined ? 'not installed' : `no ${names} in ${depsFolder}`);

  const { folder, notes } = await pythonTensorFlow(systemClock);
  const python = folder === undefined ? undefined : await libraryAt(folder);
  if (python !== undefined) return found('python', python);
  missed('python', folder === undefined ? notes.join(', ') : `no ${names} in ${folder}`);
  return { tried };
}
