/**
 * A console in the browser: what a server serves, how it is doing, and a request to try. {@link servingConsole} is an extension of the
 * REST API, so that every adapter mounts it.
 *
 * @module @serving/console
 */
import type { ExtensionModule } from '@serving/core/extend';
import { type ConsoleOptions, checkConsoleOptions } from './options.js';

export type { ConsoleOptions } from './options.js';

/**
 * The console, for the option `extensions` of a router, a handler or a server. It is read-only unless `actions` is set, and asks for no
 * authentication by itself.
 *
 * @example
 * ```ts
 * app.use(servingRouter(server, { extensions: [servingConsole()] })); // http://localhost:8501/console
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function servingConsole(options: ConsoleOptions = {}): ExtensionModule {
  checkConsoleOptions(options);
  // Beside the sources too, as Node runs the module, and not a bundler or a test runner.
  return { module: new URL('../dist/extension.js', import.meta.url), options };
}
