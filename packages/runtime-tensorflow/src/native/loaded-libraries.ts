/** Which TensorFlow libraries are in the process already. */
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ServingError } from '@serving/core';

/**
 * Two copies of TensorFlow in one process mix their symbols and crash. Linux tells what is mapped; elsewhere nothing is
 * checked.
 *
 * @param paths the files that are to be loaded
 * @throws ServingError `FAILED_PRECONDITION` when TensorFlow is loaded from another folder than theirs.
 */
export async function assertNoOtherTensorFlow(paths: readonly string[]): Promise<void> {
  if (process.platform !== 'linux') return;
  // The kernel tells files by where their links lead to.
  const folders = await Promise.all(paths.map(async (path) => dirname(await realpath(path))));
  const maps = await readFile('/proc/self/maps', 'utf8').catch(() => '');
  const other = findOtherTensorFlow(maps, folders);
  if (other !== undefined) {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `TensorFlow's library ${paths.at(-1)} can't be loaded: this process has ${other} already, and holds only one`,
    );
  }
}

/** The path of a TensorFlow library in the text of `/proc/self/maps` that lies in none of `folders`. */
export function findOtherTensorFlow(maps: string, folders: readonly string[]): string | undefined {
  for (const line of maps.split('\n')) {
    const path = line.slice(line.indexOf('/'));
    if (/\/libtensorflow(_cc|_framework)?\.so\.\d[^/]*$/.test(path) && !folders.includes(dirname(path))) return path;
  }
  return undefined;
}
