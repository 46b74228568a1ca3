/** Unknown names of options, and what was probably meant. */
import { MAX_COMPARED, nearestName } from '../../nearest-name.js';
import { ServingError } from '../../serving-error.js';

/** The names of an options interface. The compiler requires each of them, and no other. */
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
  const got = server === null || server === undefined ? String(server) : describedValue(server);
  throw ServingError.invalidArgument(`${what} needs a model server, as ModelServer.start resolves with, got ${got}`);
}

function describedValue(value: unknown): string {
  if (typeof value === 'function') {
    return value.name === 'ModelServer'
      ? 'the class: await ModelServer.start(…) first'
      : 'a function, perhaps an app: the model server comes first, then the options';
  }
  if (typeof value !== 'object' || value === null) return `a value of type ${typeof value}`;
  const inner: unknown = Reflect.get(value, 'server') ?? Reflect.get(value, 'modelServer');
  if (typeof inner === 'object' && inner !== null && 'getServableHandle' in inner) {
    return 'an object that has it: pass the model server itself';
  }
  if ('models' in value || 'platforms' in value) return 'its options: await ModelServer.start(options) first';
  return 'a value of type object';
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, MAX_COMPARED));
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
