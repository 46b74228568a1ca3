/** Command-line flags in TensorFlow's syntax: `--name=value`, a bare `--name` for a bool; and `--name value` as well. */

/** One flag. */
export interface Flag<T> {
  readonly default: T;
  readonly usage: string;
  readonly typeName: string;
  readonly isBool: boolean;
  /** Whether its values, which are lists then, add up. */
  readonly isRepeated?: boolean;
  /** The values that it takes, where they are few. */
  readonly values?: readonly string[];
  /** What a value names, for completion. */
  readonly takes?: 'file' | 'folder';
  /** Whether `--no-NAME` is false. */
  readonly isNegatable?: boolean;
  /** Whether the program that this one stands in for has no such flag. Default: false. */
  readonly isAdded?: boolean;
  /** `undefined` for a text that is not a value of this flag. */
  parse(text: string): T | undefined;
}

/** A flag per property of `Values`; names are without the dashes. */
export type FlagTable<Values> = { readonly [Name in keyof Values]: Flag<Values[Name]> };

/** The flags of a command line. */
export interface ParsedFlags<Values> {
  readonly values: Values;
  /** Names of the flags that the command line sets. */
  readonly given: ReadonlySet<string>;
  /** Arguments that are not a flag of the table, in order. */
  readonly unknown: readonly string[];
  /** Arguments whose value doesn't parse, in order. */
  readonly invalid: readonly string[];
}

/** What is known of a flag's values. */
export type FlagValues = Pick<Flag<unknown>, 'values' | 'takes'>;

/** Any text. */
export function stringFlag(defaultValue: string, usage: string, values: FlagValues = {}): Flag<string> {
  return { ...flag('string', defaultValue, usage, (text) => text), ...values };
}

/** The path of a file. */
export function fileFlag(usage: string): Flag<string> {
  return stringFlag('', usage, { takes: 'file' });
}

/** The path of a folder. */
export function folderFlag(usage: string): Flag<string> {
  return stringFlag('', usage, { takes: 'folder' });
}

/** One of a few words. The command itself refuses others, with a message that lists them. */
export function choiceFlag(defaultValue: string, values: readonly string[], usage: string): Flag<string> {
  return stringFlag(defaultValue, usage, { values });
}

/** A 32-bit integer. */
export function intFlag(defaultValue: number, usage: string): Flag<number> {
  return flag('int32', defaultValue, usage, (text) => toInteger(text, 2 ** 31 - 1));
}

/** A 32-bit integer from 0, or `false` for never or none. */
export function limitFlag(defaultValue: number | false, usage: string): Flag<number | false> {
  return flag('int32 or false', defaultValue, usage, (text) => {
    if (text === 'false') return false;
    const value = toInteger(text, 2 ** 31 - 1);
    return value !== undefined && value >= 0 ? value : undefined;
  });
}

/** An integer; beyond 2⁵³ it is refused. */
export function int64Flag(defaultValue: number, usage: string): Flag<number> {
  return flag('int64', defaultValue, usage, (text) => toInteger(text, Number.MAX_SAFE_INTEGER));
}

/** A number. */
export function floatFlag(defaultValue: number, usage: string): Flag<number> {
  return flag('float', defaultValue, usage, (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isNaN(value) ? undefined : value;
  });
}

/** True or false; a bare `--NAME` is true. */
export function boolFlag(defaultValue: boolean, usage: string): Flag<boolean> {
  return flag('bool', defaultValue, usage, (text) => (text === 'true' ? true : text === 'false' ? false : undefined));
}

/** True by default; `--no-NAME` is false. */
export function negatableFlag(usage: string): Flag<boolean> {
  return { ...boolFlag(true, usage), isNegatable: true };
}

/** A flag that the program which this one stands in for does not have. */
export function addedFlag<T>(flag: Flag<T>): Flag<T> {
  return { ...flag, isAdded: true };
}

/** A text per time that the flag is given. */
export function stringListFlag(usage: string, values: FlagValues = {}): Flag<readonly string[]> {
  return { ...flag<readonly string[]>('string', [], usage, (text) => [text]), isRepeated: true, ...values };
}

/** Reads a command line. A flag that is given twice has its last value, a repeated one all of them. */
export function parseFlags<Values extends object>(
  table: FlagTable<Values>,
  argv: readonly string[],
): ParsedFlags<Values> {
  const flags = new Map<string, Flag<unknown>>(Object.entries(table));
  const values = new Map(Array.from(flags, ([name, { default: value }]) => [name, value]));
  const given = new Set<string>();
  const unknown: string[] = [];
  const invalid: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    const equals = argument.indexOf('=');
    const written = argument.startsWith('--') ? argument.slice(2, equals < 0 ? undefined : equals) : '';
    const negated = equals < 0 && written.startsWith('no-') ? written.slice(3) : '';
    const isNegated = flags.get(negated)?.isNegatable === true;
    const name = isNegated ? negated : written;
    const spec = flags.get(name);
    if (!spec) {
      unknown.push(argument);
      continue;
    }
    let text: string | undefined;
    if (isNegated) text = 'false';
    else if (equals >= 0) text = argument.slice(equals + 1);
    else if (!spec.isBool) text = argv[++at];
    else text = isBoolWord(argv[at + 1]) ? argv[++at] : 'true';
    const value = text === undefined ? undefined : spec.parse(text);
    if (value === undefined) invalid.push(text === undefined || equals >= 0 ? argument : `${argument} ${text}`);
    else values.set(name, spec.isRepeated ? [...(values.get(name) as unknown[]), ...(value as unknown[])] : value);
    given.add(name);
  }
  return { values: Object.fromEntries(values) as Values, given, unknown, invalid };
}

function flag<T>(typeName: string, value: T, usage: string, parse: (text: string) => T | undefined): Flag<T> {
  return { default: value, usage, typeName, isBool: typeName === 'bool', parse };
}

function toInteger(text: string, max: number): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) <= max ? value : undefined;
}

function isBoolWord(text: string | undefined): boolean {
  return text === 'true' || text === 'false';
}
