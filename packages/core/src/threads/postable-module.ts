/** Modules of an application that each serving thread loads for itself. */
import type { ExtensionModule } from '../extension-module.js';
import { ServingError } from '../serving-error.js';

/**
 * The same module as plain data.
 *
 * @param name of the option, for errors: `extensions[0]`
 * @throws ServingError `INVALID_ARGUMENT` for what only this thread has
 */
export function postableModule(value: object, name: string): ExtensionModule {
  const module: unknown = Reflect.get(value, 'module');
  if (typeof module === 'string' || module instanceof URL)
    return { ...(value as ExtensionModule), module: String(module) };
  throw ServingError.invalidArgument(
    `${name}: with several threads it must be { module, options } with a module by its URL, path or package name, as each thread ` +
      'loads its own; objects and functions belong to the thread that made them',
  );
}
