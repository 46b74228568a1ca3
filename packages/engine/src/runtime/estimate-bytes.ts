/** The memory that a model is expected to take. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@serving/core/extend';

/** TensorFlow Serving's own factor for what a loaded model takes beside its files. */
const BYTES_PER_FILE_BYTE = 1.2;

/**
 * 1.2 × the bytes of all files below a folder.
 *
 * @throws ServingError see `fileError`, when it can't be read.
 */
export async function estimateFileBytes(directory: string): Promise<number> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    let bytes = 0;
    for (const entry of entries) {
      if (!entry.isDirectory()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
    }
    return Math.ceil(bytes * BYTES_PER_FILE_BYTE);
  } catch (error) {
    throw fileError(directory, error);
  }
}
