/** Extensions of the wire APIs, named by their module so that every thread that serves can construct its own. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServingError } from './serving-error.js';

/** A module that exports a function which constructs an extension, and what the function is called with. */
export interface ExtensionModule {
  /**
   * A `file:` URL, an absolute path, or the name of a package, which is looked up from the working directory. An ES module or CommonJS;
   * without top-level `await`, as it is loaded while the API is mounted. Or the module itself, as `import * as` has it, for an API that
   * serves in this thread alone.
   */
  readonly module: string | URL | Readonly<Record<string, unknown>>;
  /** Plain data. The function gets a structured clone. Default: `undefined`. */
  readonly options?: unknown;
}

/**
 * Loads each module of an option `extensions`, as {@link loadExtension} does.
 *
 * @param hint what the error adds for a value that is not a list
 * @throws ServingError `INVALID_ARGUMENT` also for a value that is not a list of modules.
 */
export function loadExtensions<Server, Extension, Context = undefined>(
  modules: readonly ExtensionModule[],
  exportName: string,
  hint = '',
): ((server: Server, context?: Context) => Extension)[] {
  if (!Array.isArray(modules) || !modules.every(isExtensionModule)) {
    throw ServingError.invalidArgument(`extensions: expected a list of { module, options }${hint}`);
  }
  return modules.map((module) => loadExtension<Server, Extension, Context>(module, exportName));
}

function isExtensionModule(value: unknown): boolean {
  const module: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'module') : undefined;
  return typeof module === 'string' || (typeof module === 'object' && module !== null);
}

/**
 * Loads the module and returns its exported function, with the options bound behind the server.
 *
 * @throws ServingError `INVALID_ARGUMENT` when the module can't be loaded, doesn't export the function, or the options can't be cloned.
 */
export function loadExtension<Server, Extension, Context = undefined>(
  { module, options }: ExtensionModule,
  exportName: string,
): (server: Server, context?: Context) => Extension {
  const name = isLoaded(module) ? 'module' : String(module);
  const exports = isLoaded(module) ? module : attempt(name, 'can not be loaded', () => load(name));
  const create = exports[exportName] as
    | ((server: Server, options: unknown, context?: Context) => Extension)
    | undefined;
  if (typeof create !== 'function') {
    const names = Object.keys(exports).join(', ') || 'nothing';
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Extension "${name}" must export a function "${exportName}" (exports ${names})`,
    );
  }
  const copy = attempt(name, 'has options that can not be cloned', () => structuredClone(options));
  return (server, context) => attempt(name, 'can not be constructed', () => create(server, copy, context));
}

function isLoaded(module: ExtensionModule['module']): module is Readonly<Record<string, unknown>> {
  return typeof module === 'object' && !(module instanceof URL);
}

function load(specifier: string): Readonly<Record<string, unknown>> {
  const require = createRequire(join(process.cwd(), 'extension.js'));
  return require(specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier);
}

function attempt<T>(name: string, failure: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint = code === 'ERR_REQUIRE_ASYNC_MODULE' ? 'it uses top-level await' : message;
    throw new ServingError('INVALID_ARGUMENT', `Extension "${name}" ${failure}: ${hint}`, { cause });
  }
}
