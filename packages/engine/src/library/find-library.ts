/** Finds the native library of an engine on this machine. */
import { isAbsolute, join } from 'node:path';
import { ServingError } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import { cachedLibrary, defaultCacheDirectory, relativeCache } from './library-cache.js';
import { libraryAt } from './library-files.js';
import { type LibraryEngine, type NativeLibrary, nativeLibraries } from './native-library.js';
import { onnxRuntimeNodeFolder } from './onnxruntime-node-package.js';
import { pythonTensorFlow } from './python-tensorflow.js';
import { tfjsNodePackage } from './tfjs-node-package.js';

/** The places that are searched, in this order; the last three for the engine that they are of. */
export type LibrarySource = 'option' | 'environment' | 'cache' | 'onnxruntime-node' | 'tfjs-node' | 'python';

/** A place that was searched, and what was found there. */
export interface LibraryAttempt {
  readonly source: LibrarySource;
  readonly outcome: string;
}

/** A library that was found; it may still refuse to load. */
export interface FoundLibrary {
  /** The main library's file. */
  readonly path: string;
  readonly source: LibrarySource;
  /** Every place that was searched, this library last. */
  readonly tried: readonly LibraryAttempt[];
}

/** Which library to find, and where. */
export interface FindLibraryOptions {
  /** The engine: `onnx` for ONNX Runtime, `tensorflow` for TensorFlow's library. */
  readonly engine: LibraryEngine;
  /**
   * Absolute path of a library's file or its folder; then no other place is searched. Default: `ONNXRUNTIME_LIBRARY_PATH` or
   * `TENSORFLOW_LIBRARY_PATH`, if set.
   */
  readonly libraryPath?: string;
  /** Absolute path of where {@link installLibrary} puts libraries. Default: `SERVING_CACHE_DIR`, else the system's folder for caches. */
  readonly cacheDirectory?: string;
}

/**
 * Searches the explicit path (option, then environment), the cache folder, and packages of the host: `onnxruntime-node` for ONNX
 * Runtime; `deps/lib` of `@tensorflow/tfjs-node`, then a `tensorflow` package of Python, for TensorFlow. Returns the first library. Loads
 * nothing, and does not search the working folder.
 *
 * @throws ServingError `FAILED_PRECONDITION` when there is none, with what was tried and the command that installs one.
 */
export async function findLibrary(options: FindLibraryOptions): Promise<FoundLibrary> {
  const { path, source, tried } = await lookForLibrary(options);
  if (path !== undefined && source !== undefined) return { path, source, tried };
  const { title, installCommand } = nativeLibraries[options.engine];
  const list = tried.map((attempt) => `${attempt.source}: ${attempt.outcome}`).join('; ');
  throw new ServingError(
    'FAILED_PRECONDITION',
    `${title} was not found. Run \`npx serving-engine ${installCommand}\` (tried ${list})`,
  );
}

/** The outcome of a search; without `path` no library was found. */
export interface LibrarySearch {
  readonly path?: string;
  readonly source?: LibrarySource;
  readonly tried: readonly LibraryAttempt[];
}

/** As {@link findLibrary}, but finding nothing is an answer too. */
export async function lookForLibrary(options: FindLibraryOptions): Promise<LibrarySearch> {
  const library = nativeLibraries[options.engine];
  const tried: LibraryAttempt[] = [];
  for await (const { source, path, outcome } of placesOf(library, options)) {
    tried.push({ source, outcome: path ?? outcome });
    if (path !== undefined) return { path, source, tried };
  }
  return { tried };
}

/** A place, and the library there or why there is none. */
interface LookedAt {
  readonly source: LibrarySource;
  readonly path?: string | undefined;
  readonly outcome: string;
}

async function* placesOf(library: NativeLibrary, options: FindLibraryOptions): AsyncGenerator<LookedAt> {
  const { fileNames, variable } = library;
  const explicit = options.libraryPath ?? (process.env[variable] || undefined);
  if (explicit !== undefined) {
    const source = options.libraryPath === undefined ? 'environment' : 'option';
    if (isAbsolute(explicit)) yield lookInto(source, explicit, fileNames, 'at');
    else yield { source, outcome: `the library's path must be absolute, got "${explicit}"` };
    return;
  }
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  if (isAbsolute(cacheDirectory)) {
    const cached = await cachedLibrary(cacheDirectory, library);
    yield { source: 'cache', path: cached?.path, outcome: `nothing installed in ${cacheDirectory}` };
  } else {
    yield { source: 'cache', outcome: relativeCache(cacheDirectory) };
  }
  if (library.engine === 'onnx') {
    yield lookInto('onnxruntime-node', await onnxRuntimeNodeFolder(), fileNames);
    return;
  }
  const tfjsNode = tfjsNodePackage();
  yield lookInto('tfjs-node', tfjsNode && join(tfjsNode, 'deps', 'lib'), fileNames);
  const { folder, notes } = await pythonTensorFlow(systemClock);
  yield lookInto('python', folder, fileNames, 'in', notes.join(', '));
}

async function lookInto(
  source: LibrarySource,
  place: string | undefined,
  names: readonly string[],
  preposition = 'in',
  missing = 'not installed',
): Promise<LookedAt> {
  if (place === undefined) return { source, outcome: missing };
  const path = await libraryAt(place, names);
  return { source, path, outcome: `no ${names.join(' or ')} ${preposition} ${place}` };
}
