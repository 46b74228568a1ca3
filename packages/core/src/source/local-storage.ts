/** The machine's own file system. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ServingError } from '../serving-error.js';
import type { Storage } from './storage.js';

/**
 * The machine's own file system: paths are as Node takes them, relative ones from the current folder. A fingerprint is of the names, sizes, times and
 * identities of all files below a path. Rejects with `NOT_FOUND`, `FAILED_PRECONDITION` (no folder), `PERMISSION_DENIED` or `UNAVAILABLE`.
 */
export const localStorage: Storage = {
  async listChildren(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      throw storageError(folder, error);
    }
  },
  join,
  async fingerprint(path) {
    try {
      const paths = (await stat(path)).isDirectory() ? await filesBelow(path) : [path];
      const lines = await Promise.all(paths.map(async (file) => `${relative(path, file)} ${await describe(file)}`));
      return createHash('sha256').update(lines.sort().join('\n')).digest('base64');
    } catch (error) {
      throw storageError(path, error);
    }
  },
};

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name));
}

/** Size, times and identity; a file that has gone meanwhile is different too. */
async function describe(file: string): Promise<string> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(file);
    return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  } catch {
    return 'unreadable';
  }
}

function storageError(path: string, error: unknown): ServingError {
  switch (errnoOf(error)) {
    case 'ENOENT':
      return new ServingError('NOT_FOUND', `${path} not found`, { cause: error });
    case 'ENOTDIR':
      return new ServingError('FAILED_PRECONDITION', `${path} is not a directory`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new ServingError('PERMISSION_DENIED', `${path} may not be read`, { cause: error });
    default:
      return ServingError.from(error, 'UNAVAILABLE');
  }
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
