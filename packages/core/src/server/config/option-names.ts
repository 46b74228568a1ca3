/** Unknown names of options, and what was probably meant. */
import { ServingError } from '../../serving-error.js';

/** The names of an options interface. The compiler asks for each of them, and for no other. */
export type OptionNames<T> = { readonly [Name in keyof Required<T>]: true };

/**
 * Refuses an object with a key that is not an option.
 *
 * @param what the object, for the error: `savedModelPlatform()`, or a field's path
 * @throws ServingError `INVALID_ARGUMENT`: `Unknown option "engin" of savedModelPlatform(): did you mean "engine"? …`
 */
export function checkOptionNames(options: unknown, known: readonly string[], what: string): void {
  if (typeof options !== 'object' || options === null) {
    throw ServingError.invalidArgument(`Options of ${what} must be an object (got ${options})`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw ServingError.invalidArgument(`Unknown option ${shown(name)} of ${what}: ${hint(name, known, 'Options')}`);
  }
}

/** `unknown key "signature": did you mean "signatureName"? Keys: …` */
export function unknownName(kind: 'option' | 'key', name: string, known: readonly string[]): string {
  return `unknown ${kind} ${shown(name)}: ${hint(name, known, kind === 'option' ? 'Options' : 'Keys')}`;
}

/**
 * Refuses what is handed to an API in the place of a model server.
 *
 * @param what the API, for the error: `The REST API`
 * @throws ServingError `INVALID_ARGUMENT` for nothing, for the promise of a server and for other values.
 */
export function checkModelServer(server: unknown, what: string): void {
  if (typeof server === 'object' && server !== null) {
    if (typeof Reflect.get(server, 'getServableHandle') === 'function') return;
    if (typeof Reflect.get(server, 'then') === 'function') {
      throw ServingError.invalidArgument(
        `${what} needs a model server, got a promise: await ModelServer.start(…) first`,
      );
    }
  }
  const got = server === null || server === undefined ? String(server) : `a value of type ${typeof server}`;
  throw ServingError.invalidArgument(`${what} needs a model server, as ModelServer.start resolves with, got ${got}`);
}

const MAX_SHOWN = 64;

function shown(name: string): string {
  return JSON.stringify(name.slice(0, MAX_SHOWN));
}

/** Options by names that they had once, which resemble the present ones too little for {@link nearestName}. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['runtime', 'engine'],
  ['fileSystemPollWaitSeconds', 'pollIntervalMs'],
]);

function hint(name: string, known: readonly string[], title: string): string {
  const renamed = RENAMED.get(name) ?? '';
  const near = known.includes(renamed) ? renamed : nearestName(name, known);
  return `${near === undefined ? '' : `did you mean "${near}"? `}${title}: ${known.join(', ')}`;
}

/** The known name that a misspelt or shortened one is closest to; `undefined` where none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const given = name.slice(0, MAX_SHOWN).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const isPart = given.length > 3 && (other.startsWith(given) || other.endsWith(given));
    const distance = isPart ? 1 : editDistance(given, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
