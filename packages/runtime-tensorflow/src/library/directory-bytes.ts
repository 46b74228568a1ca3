/** The size of a folder. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@serving/core';

/**
 * The bytes of all files below a folder.
 *
 * @throws ServingError see `fileError`, when it can't be read.
 */
export async function directoryBytes(directory: string): Promise<number> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    let bytes = 0;
    for (const entry of entries) {
      if (!entry.isDirectory()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
    }
    return bytes;
  } catch (error) {
    throw fileError(directory, error);
  }
}
