/** What an error of a file system means, the same wherever it comes up. */
import { ServingError } from '../serving-error.js';
import type { ErrorCode } from '../status-code.js';

/**
 * The code for a failed call of `node:fs`, by its `code`: `NOT_FOUND` for what is not there, `FAILED_PRECONDITION` for what is
 * there but no such thing (a file in place of a folder, a loop of links), `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED` for too
 * many open files or a full disk, and `UNAVAILABLE` for anything else, which may pass.
 */
export function fileErrorCode(error: unknown): ErrorCode {
  return codes[errnoOf(error) ?? ''] ?? 'UNAVAILABLE';
}

/** The error of a file operation, with `path` in its text; a `ServingError` is unchanged. */
export function fileError(path: string, error: unknown): ServingError {
  if (error instanceof ServingError) return error;
  const errno = errnoOf(error) ?? '';
  const { message } = ServingError.from(error);
  return new ServingError(fileErrorCode(error), texts[errno]?.(path) ?? `${path}: ${message}`, { cause: error });
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOTDIR: 'FAILED_PRECONDITION',
  EISDIR: 'FAILED_PRECONDITION',
  ELOOP: 'FAILED_PRECONDITION',
  ENAMETOOLONG: 'INVALID_ARGUMENT',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
  EMFILE: 'RESOURCE_EXHAUSTED',
  ENFILE: 'RESOURCE_EXHAUSTED',
  ENOSPC: 'RESOURCE_EXHAUSTED',
  EDQUOT: 'RESOURCE_EXHAUSTED',
  ENOMEM: 'RESOURCE_EXHAUSTED',
  ERR_FS_FILE_TOO_LARGE: 'RESOURCE_EXHAUSTED',
};

const texts: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `${path} not found`,
  ENOTDIR: (path) => `${path} is not a directory`,
  ELOOP: (path) => `${path} is a loop of symbolic links`,
  EACCES: (path) => `${path} may not be read`,
  EPERM: (path) => `${path} may not be read`,
  EMFILE: (path) => `${path} can't be opened: the process has too many open files (raise its limit, ulimit -n)`,
  ENFILE: (path) => `${path} can't be opened: the machine has too many open files`,
};

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
