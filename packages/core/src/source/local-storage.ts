/** The machine's own file system. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServingError } from '../serving-error.js';
import type { Storage } from './storage.js';

export const localStorage: Storage = {
  async listChildren(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      throw storageError(folder, error);
    }
  },
  join,
};

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
