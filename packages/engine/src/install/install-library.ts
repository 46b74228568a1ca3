/** Installs the native library of an engine into the cache folder. */
import { ServingError } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import { type FoundLibrary, lookForLibrary } from '../library/find-library.js';
import { type CachedLibrary, defaultCacheDirectory, withTemporaryFolder } from '../library/library-cache.js';
import { type LibraryEngine, nativeLibraries } from '../library/native-library.js';
import { trustedEnvironment } from './find-command.js';
import type { InstallContext, InstallProgress } from './install-context.js';
import { installFromNpm } from './install-from-npm.js';
import { installFromPip } from './install-from-pip.js';
import { installFromTfjsNode } from './install-from-tfjs-node.js';
import type { KnownFilesCheck } from './known-files.js';
import { knownFilesTable } from './known-files-table.js';

/** Which library to install, where to put it, and who hears how far that is. */
export interface InstallLibraryOptions {
  /** The engine: `onnx` for ONNX Runtime, `tensorflow` for TensorFlow's library. */
  readonly engine: LibraryEngine;
  /** Default: `SERVING_CACHE_DIR`, else `serving` in the system's folder for caches. */
  readonly cacheDirectory?: string;
  /** Called a few times a second. */
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Ends the installation; nothing of it stays. */
  readonly signal?: AbortSignal;
  /**
   * Whether a file without a known SHA-256 is installed, such as one of another version. A known file with another SHA-256 is always
   * refused. Default: false.
   */
  readonly acceptUnknownFile?: boolean;
}

/**
 * Makes sure that there is a library: returns at once when {@link findLibrary} finds one, else downloads it, holds the file against a
 * SHA-256 that this package has, and puts it into the cache folder in one step. ONNX Runtime (about 114 MB) is downloaded with `npm
 * pack`; TensorFlow (about 270 MB) with `@tensorflow/tfjs-node`'s own download where that package is installed, with Python's `pip`
 * otherwise. Several at once are safe: the first that is ready wins, the others use its library. An interrupted one leaves nothing but a
 * temporary folder, which the next one removes.
 *
 * @throws ServingError `CANCELLED` when `signal` aborts; `UNAVAILABLE` with what each way failed of; `UNIMPLEMENTED` for ONNX Runtime on a
 * machine that it is not built for; `FAILED_PRECONDITION` when `ONNXRUNTIME_LIBRARY_PATH` or `TENSORFLOW_LIBRARY_PATH` names a place without
 * a library; `INVALID_ARGUMENT` for a relative cache folder.
 */
export async function installLibrary(options: InstallLibraryOptions): Promise<FoundLibrary> {
  const { engine, cacheDirectory = defaultCacheDirectory(), onProgress, signal, acceptUnknownFile = false } = options;
  const library = nativeLibraries[engine];
  const { path, source, tried } = await lookForLibrary({ engine, cacheDirectory });
  if (path !== undefined && source !== undefined) return { path, source, tried };
  if (tried[0]?.source === 'environment') {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `${library.variable} is set and of no use: ${tried[0].outcome}. Unset it or correct it`,
    );
  }
  const check: KnownFilesCheck = { knownFiles: knownFilesTable, acceptUnknownFile };
  const installed = await installInto({
    ...check,
    library,
    cacheDirectory,
    onProgress,
    signal,
    clock: systemClock,
    env: process.env,
  });
  return { path: installed.path, source: 'cache', tried: [...tried, { source: 'cache', outcome: installed.path }] };
}

type Ways = readonly (readonly [
  name: string,
  install: (context: InstallContext, folder: string) => Promise<CachedLibrary>,
])[];

const waysOf: Readonly<Record<LibraryEngine, Ways>> = {
  onnx: [['npm', installFromNpm]],
  tensorflow: [
    ['@tensorflow/tfjs-node', installFromTfjsNode],
    ['pip', installFromPip],
  ],
};

/** Tries each way, whether there is a library already or not. */
export async function installInto(
  context: InstallContext,
  ways: Ways = waysOf[context.library.engine],
): Promise<CachedLibrary> {
  try {
    const trusting = { ...context, env: await trustedEnvironment(context) };
    return await withTemporaryFolder(context.cacheDirectory, context.library, async (folder) => {
      const failures: string[] = [];
      for (const [name, install] of ways) {
        try {
          return await install(trusting, folder);
        } catch (error) {
          const failure = ServingError.from(error, 'UNAVAILABLE');
          if (failure.code === 'CANCELLED' || failure.code === 'UNIMPLEMENTED') throw failure;
          failures.push(`${name}: ${failure.message}`);
        }
      }
      throw new ServingError('UNAVAILABLE', `${context.library.title} could not be installed. ${failures.join('. ')}`);
    });
  } catch (error) {
    throw ServingError.from(error, 'UNAVAILABLE');
  }
}
