import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { toGrpcStatus } from './grpc-status.js';

describe('toGrpcStatus', () => {
  it.each<[string, unknown, number, string]>([
    ['a ServingError', new ServingError('NOT_FOUND', 'gone'), 5, 'gone'],
    ['an abort', new DOMException('stopped', 'AbortError'), 1, 'stopped'],
    ['another error', new TypeError('broken'), 2, 'broken'],
    ['no error', 'text', 2, 'text'],
    ['1024 characters', new ServingError('INTERNAL', 'x'.repeat(1024)), 13, 'x'.repeat(1024)],
    ['more', new ServingError('INTERNAL', 'x'.repeat(1025)), 13, `${'x'.repeat(1024)}...TRUNCATED`],
    ['half a character', new ServingError('INTERNAL', 'a\ud83d'), 13, 'a\ufffd'],
  ])('gives code and message of %s', (_, reason, code, details) => {
    expect(toGrpcStatus(reason)).toEqual({ code, details });
  });

  it('never leaves half of a character at the cut', () => {
    const { details } = toGrpcStatus(new ServingError('INTERNAL', `${'x'.repeat(1023)}😀${'x'.repeat(9)}`));
    expect(details).toBe(`${'x'.repeat(1023)}\ufffd...TRUNCATED`);
    expect(() => encodeURI(details)).not.toThrow();
  });
});
