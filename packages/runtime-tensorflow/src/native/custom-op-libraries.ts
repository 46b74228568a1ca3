/** Libraries with operations that TensorFlow itself does not have. */
import { realpath } from 'node:fs/promises';
import { ServingError } from '@serving/core';
import { callAsync } from '@serving/engine/native';
import type { TensorFlowApi } from './c-api.js';
import { statusError } from './native-status.js';

/** By the file that a path leads to: the operations of a library are registered once per process. */
const loads = new Map<string, Promise<void>>();

/**
 * Registers the operations and kernels of each library, in order, on libuv's pool. A library that was loaded before is
 * not loaded again; one that failed is.
 *
 * @throws ServingError `NOT_FOUND` for a file that does not exist, `FAILED_PRECONDITION` with TensorFlow's text for one
 * that it can't load.
 */
export async function loadCustomOpLibraries(api: TensorFlowApi, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = await realpath(path).catch((cause: unknown) => {
      throw new ServingError('NOT_FOUND', `Custom operation library ${JSON.stringify(path)} does not exist`, { cause });
    });
    let load = loads.get(file);
    if (load === undefined) {
      load = loadLibrary(api, file);
      loads.set(file, load);
      load.catch(() => loads.delete(file));
    }
    await load;
  }
}

async function loadLibrary(api: TensorFlowApi, file: string): Promise<void> {
  const status = api.newStatus();
  try {
    const handle = await callAsync(api.loadLibrary, file, status);
    const error = statusError(api, status);
    if (error !== undefined) {
      throw new ServingError(
        'FAILED_PRECONDITION',
        `Custom operation library ${JSON.stringify(file)} could not be loaded into TensorFlow ${api.version}: ${error.message}. ` +
          'It has to be built for this version of TensorFlow',
        { cause: error },
      );
    }
    // Deletes the handle alone; the library stays.
    api.deleteLibraryHandle(handle);
  } finally {
    api.deleteStatus(status);
  }
}
