/** What is wrong with a configuration, field by field. */
import { z } from 'zod';
import { ServingError } from '../../serving-error.js';
import { issueText, mustBe } from './issue-text.js';
import { unknownName } from './option-names.js';

/** @throws ServingError `INVALID_ARGUMENT` with every wrong field and its path, such as `models[1].name`. */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: issueText });
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, []));
  throw new ServingError('INVALID_ARGUMENT', `Invalid model server configuration: ${lines.join('; ')}`);
}

/** The schema of an options object: unknown names are refused, with the one that was probably meant. */
export function strictOptions<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name: string) => unknownName('option', name, Object.keys(shape))).join(', ')
        : undefined,
  });
}

/** The schema of an object that is handed through as it is, if it has these methods. */
export function withMethods<T>(what: string, ...methods: readonly (keyof T & string)[]): z.ZodType<T> {
  return z.custom<T>(
    (value) => typeof value === 'object' && value !== null && methods.every((name) => isMethod(value, name)),
    {
      error: ({ input }) => {
        const call = typeof input === 'function' && input.name !== '' ? `: call it, as in ${input.name}(…)` : '';
        return `${mustBe(`${what}, an object with ${methods.join(', ')}`, input)}${call}`;
      },
    },
  );
}

function isMethod(value: object, name: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[name] === 'function';
}

/**
 * A union's own issue only says that nothing fits; the issues of the member that was most likely meant say what is
 * wrong.
 */
function describeIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) => issues.every(({ code }) => code !== 'unrecognized_keys'));
    if (meant?.some((inner) => inner.path.length > 1)) return meant.flatMap((inner) => describeIssue(inner, path));
    return [
      `${formatPath(path)}: expected one of { latest: { numVersions } }, { all: {} }, { specific: { versions } }`,
    ];
  }
  return [`${formatPath(path)}: ${issue.message}`];
}

function formatPath(path: readonly PropertyKey[]): string {
  return (
    path.reduce<string>((text, key) => {
      if (typeof key === 'number') return `${text}[${key}]`;
      return text === '' ? String(key) : `${text}.${String(key)}`;
    }, '') || 'options'
  );
}
