/** Installs TensorFlow's library into the cache folder. */
import { ServingError } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import { type FindLibraryOptions, type FoundLibrary, lookForLibrary } from '../library/find-library.js';
import { type CachedLibrary, defaultCacheDirectory, withTemporaryFolder } from '../library/library-cache.js';
import { trustedEnvironment } from './find-command.js';
import type { InstallContext, InstallProgress } from './install-context.js';
import { installFromPip } from './install-from-pip.js';
import { installFromTfjsNode } from './install-from-tfjs-node.js';
import type { KnownFilesCheck } from './known-files.js';
import { knownFilesTable } from './known-files-table.js';

/** Where to put TensorFlow's library, and who hears how far that is. */
export interface InstallLibraryOptions {
  /** Default: `SERVING_CACHE_DIR`, else `serving` in the system's folder for caches. */
  readonly cacheDirectory?: string;
  /** Called a few times a second. */
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Ends the installation; nothing of it stays. */
  readonly signal?: AbortSignal;
  /**
   * Whether a file whose SHA-256 this package doesn't know is installed all the same, such as one of another version than the one it
   * asks for. A file that is known and has another SHA-256 never is. Default: false.
   */
  readonly acceptUnknownFile?: boolean;
}

/**
 * Makes sure that there is a library: returns at once when {@link findLibrary} finds one, else downloads it (about
 * 270 MB), holds the file against a SHA-256 that this package has, and puts it into the cache folder in one step, with `@tensorflow/tfjs-node`'s own download where that package is
 * installed, with Python's `pip` otherwise. Several at once are safe: the first that is ready wins, the others use its
 * library. An interrupted one leaves nothing but a temporary folder, which the next one removes.
 *
 * @throws ServingError `CANCELLED` when `signal` aborts; `UNAVAILABLE` with what each way failed of;
 * `FAILED_PRECONDITION` when `TENSORFLOW_LIBRARY_PATH` names a place without a library; `INVALID_ARGUMENT` for a relative
 * cache folder.
 */
export async function installLibrary(options: InstallLibraryOptions = {}): Promise<FoundLibrary> {
  const { cacheDirectory = defaultCacheDirectory(), onProgress, signal, acceptUnknownFile = false } = options;
  const search: FindLibraryOptions = { cacheDirectory };
  const { path, source, tried } = await lookForLibrary(search);
  if (path !== undefined && source !== undefined) return { path, source, tried };
  if (tried[0]?.source === 'environment') {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `TENSORFLOW_LIBRARY_PATH is set and of no use: ${tried[0].outcome}. Unset it or correct it`,
    );
  }
  const check: KnownFilesCheck = { knownFiles: knownFilesTable, acceptUnknownFile };
  const library = await installInto({
    ...check,
    cacheDirectory,
    onProgress,
    signal,
    clock: systemClock,
    env: process.env,
  });
  return { path: library.path, source: 'cache', tried: [...tried, { source: 'cache', outcome: library.path }] };
}

const WAYS: readonly (readonly [
  name: string,
  install: (context: InstallContext, folder: string) => Promise<CachedLibrary>,
])[] = [
  ['@tensorflow/tfjs-node', installFromTfjsNode],
  ['pip', installFromPip],
];

/** Tries each way, whether there is a library already or not. */
export async function installInto(context: InstallContext, ways: typeof WAYS = WAYS): Promise<CachedLibrary> {
  try {
    const trusting = { ...context, env: await trustedEnvironment(context) };
    return await withTemporaryFolder(context.cacheDirectory, async (folder) => {
      const failures: string[] = [];
      for (const [name, install] of ways) {
        try {
          return await install(trusting, folder);
        } catch (error) {
          const failure = ServingError.from(error, 'UNAVAILABLE');
          if (failure.code === 'CANCELLED') throw failure;
          failures.push(`${name}: ${failure.message}`);
        }
      }
      throw new ServingError('UNAVAILABLE', `TensorFlow's library could not be installed. ${failures.join('. ')}`);
    });
  } catch (error) {
    throw ServingError.from(error, 'UNAVAILABLE');
  }
}
