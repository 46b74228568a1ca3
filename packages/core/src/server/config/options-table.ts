/** Tables of options: what each takes, what stands for it when it is left out, and what it does. They check values and fill the docs' tables. */
import { ServingError } from '../../serving-error.js';
import { checkOptionNames } from './option-names.js';

/** Which values an option takes. */
export interface OptionKind {
  /** As the docs name it, in Markdown. */
  readonly type: string;
  /** As an error names it: `must be …`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** One option. The unit of a number is in its name. */
export interface OptionRow extends OptionKind {
  /** A number or a boolean is the value; a text describes in Markdown what happens without the option. */
  readonly default: number | boolean | string;
  /** In Markdown. */
  readonly meaning: string;
  readonly isRequired?: boolean;
}

/** One row for each option of an interface. The compiler requires each of them, and no other. */
export type OptionsTable<T> = { readonly [Name in keyof Required<T>]: OptionRow };

/**
 * Checks options that come from outside. An option that is `undefined` counts as left out.
 *
 * @param what the object, for the error: `savedModelPlatform()`
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option, with a "did you mean", a missing one and a value of another kind.
 */
export function checkOptions<T>(
  options: unknown,
  table: OptionsTable<T>,
  what: string,
): asserts options is Partial<T> & object {
  checkOptionNames(options, Object.keys(table), what);
  for (const [name, row] of Object.entries<OptionRow>(table)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) {
      if (row.isRequired) throw ServingError.invalidArgument(`Option "${name}" of ${what} is missing: ${row.meaning}`);
    } else if (!row.accepts(value)) {
      throw ServingError.invalidArgument(`Option "${name}" of ${what} must be ${row.expected}, got ${shown(value)}`);
    }
  }
}

function shown(value: unknown): string {
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0;

/** The kinds that options of several packages have. */
export const optionKinds: {
  readonly boolean: OptionKind;
  readonly text: OptionKind;
  readonly path: OptionKind;
  readonly callback: OptionKind;
  readonly positive: OptionKind;
  readonly positiveOrFalse: OptionKind;
  readonly fromZero: OptionKind;
  readonly port: OptionKind;
  readonly threads: OptionKind;
  integer(from: number): OptionKind;
  oneOf(...values: readonly (string | boolean)[]): OptionKind;
  list(type: string, expected: string, accepts?: (item: unknown) => boolean): OptionKind;
  object(type: string, expected: string, ...methods: readonly string[]): OptionKind;
} = {
  boolean: { type: 'boolean', expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  text: { type: 'string', expected: 'a string', accepts: (value) => typeof value === 'string' },
  path: {
    type: 'string, begins with `/`',
    expected: 'a path that begins with "/"',
    accepts: (value) => typeof value === 'string' && value.startsWith('/'),
  },
  callback: { type: 'function', expected: 'a function', accepts: (value) => typeof value === 'function' },
  positive: { type: 'number > 0', expected: 'a number over 0', accepts: isPositive },
  positiveOrFalse: {
    type: 'number > 0, `false`',
    expected: 'a number over 0, or false for no limit',
    accepts: (value) => value === false || isPositive(value),
  },
  fromZero: {
    type: 'number ≥ 0',
    expected: 'a number of at least 0',
    accepts: (value) => typeof value === 'number' && value >= 0,
  },
  threads: {
    type: "number or `'auto'`",
    expected: 'a whole number from 1, or "auto"',
    accepts: (value) => value === 'auto' || (Number.isInteger(value) && (value as number) >= 1),
  },
  port: {
    type: 'integer, 0–65535',
    expected: 'a port, an integer between 0 and 65535',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
  },
  integer: (from) => ({
    type: `integer ≥ ${from}`,
    expected: `an integer of at least ${from}`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= from,
  }),
  oneOf: (...values) => {
    const names = values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)));
    return {
      type: values.map((value) => (typeof value === 'string' ? `\`'${value}'\`` : `\`${value}\``)).join(', '),
      expected: names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
      accepts: (value) => values.includes(value as string | boolean),
    };
  },
  list: (type, expected, accepts = isObject) => ({
    type,
    expected,
    accepts: (value) => Array.isArray(value) && value.every(accepts),
  }),
  object: (type, expected, ...methods) => ({
    type,
    expected,
    accepts: (value) =>
      isObject(value) &&
      !Array.isArray(value) &&
      methods.every((name) => typeof Reflect.get(value, name) === 'function'),
  }),
};
