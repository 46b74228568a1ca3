import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { printableError } from './printable-error.js';

describe('printableError', () => {
  it('returns an error that is on one line as it is', () => {
    const error = new ServingError('NOT_FOUND', 'no m', { cause: new Error('why') });
    expect(printableError(error)).toBe(error);
  });

  it('escapes messages of an error and its causes, and keeps code, name and frames', () => {
    const cause = new TypeError('a\nforged');
    const error = new ServingError('NOT_FOUND', 'no a\nforged', { cause });
    const printable = printableError(error) as ServingError;
    expect(printable).toMatchObject({ code: 'NOT_FOUND', message: 'no a\\nforged', name: 'ServingError' });
    expect(printable.cause).toMatchObject({ message: 'a\\nforged', name: 'TypeError' });
    expect(printable.stack).toBe(error.stack!.replace('a\nforged', 'a\\nforged'));
    expect(error.message).toBe('no a\nforged');
  });
});
