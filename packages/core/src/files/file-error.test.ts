import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { fileError, fileErrorCode } from './file-error.js';

const errno = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

describe('fileError', () => {
  it.each([
    ['ENOENT', 'NOT_FOUND', '/m not found'],
    ['ENOTDIR', 'FAILED_PRECONDITION', '/m is not a directory'],
    ['ELOOP', 'FAILED_PRECONDITION', '/m is a loop of symbolic links'],
    ['EACCES', 'PERMISSION_DENIED', '/m may not be read'],
    [
      'EMFILE',
      'RESOURCE_EXHAUSTED',
      "/m can't be opened: the process has too many open files (raise its limit, ulimit -n)",
    ],
    ['EIO', 'UNAVAILABLE', '/m: EIO: it failed'],
  ])('makes of %s %s, naming the path', (code, expected, message) => {
    const cause = errno(code);
    expect(fileError('/m', cause)).toMatchObject({ code: expected, message, cause });
    expect(fileErrorCode(cause)).toBe(expected);
  });

  it('leaves a ServingError as it is', () => {
    const error = new ServingError('DATA_LOSS', 'torn');
    expect(fileError('/m', error)).toBe(error);
  });
});
