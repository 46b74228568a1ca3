import { ServingError } from '@serving/core';
import { expect, it } from 'vitest';
import { commandFailure } from './command-failure.js';

it.each([
  [ServingError.notFound('no model', { hint: 'export one' }), 'serving types: NOT_FOUND: no model (export one)\n'],
  [ServingError.invalidArgument('two\nlines\u001b'), 'serving types: INVALID_ARGUMENT: two\nlines\\u001b\n'],
  [new RangeError('too far'), 'serving types: UNKNOWN: too far\n'],
])('%s', (error, line) => expect(commandFailure('types', error)).toBe(line));
