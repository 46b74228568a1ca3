/** The text of a schema's issue: what the value must be, and what it is. */
import type { z } from 'zod';
import { MAX_COMPARED, nearestName } from '../../nearest-name.js';

/** The texts of issues whose schema has none of its own: the `error` of a parse. */
export const issueText: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type': {
      return mustBe(kinds[issue.expected] ?? `of type ${issue.expected}`, issue.input);
    }
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return mustBe(`${issue.inclusive === false ? 'over' : 'at least'} ${issue.minimum}`, issue.input);
    case 'too_big':
      return mustBe(`${issue.inclusive === false ? 'under' : 'at most'} ${issue.maximum}`, issue.input);
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof issue.input === 'string' ? nearestName(issue.input, values) : undefined;
      const text = mustBe(`one of ${values.map((value) => JSON.stringify(value)).join(', ')}`, issue.input);
      return near === undefined ? text : `${text}: did you mean "${near}"?`;
    }
    default:
      return undefined;
  }
};

/** `must be a string (got 5)`, or `missing: must be a string` */
export function mustBe(expected: string, got: unknown): string {
  return got === undefined ? `missing: must be ${expected}` : `must be ${expected} (got ${shown(got)})`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_COMPARED));
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    return typeof Reflect.get(value, 'then') === 'function' ? 'a promise: await it first' : 'an object';
  }
  return String(value);
}
