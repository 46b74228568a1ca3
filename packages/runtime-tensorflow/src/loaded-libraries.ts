/** Which TensorFlow libraries are in the process already. */
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ServingError } from '@serving/core';

/**
 * Two copies of TensorFlow in one process mix their symbols and crash. Linux tells what is mapped; elsewhere nothing is
 * checked.
 *
 * @throws ServingError `FAILED_PRECONDITION` when TensorFlow is loaded from another folder than that of `path`.
 */
export async function assertNoOtherTensorFlow(path: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const folder = dirname(await realpath(path));
  const maps = await readFile('/proc/self/maps', 'utf8').catch(() => '');
  const other = findOtherTensorFlow(maps, folder);
  if (other !== undefined) {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `TensorFlow's library ${path} can't be loaded: this process has ${other} already, and holds only one`,
    );
  }
}

/** The path of a TensorFlow library in the text of `/proc/self/maps` that does not lie in `folder`. */
export function findOtherTensorFlow(maps: string, folder: string): string | undefined {
  for (const [, path] of maps.matchAll(/(\/.*\/libtensorflow(?:_cc|_framework)?\.so\.\d+[^\n]*)$/gm)) {
    if (path !== undefined && dirname(path) !== folder) return path;
  }
  return undefined;
}
