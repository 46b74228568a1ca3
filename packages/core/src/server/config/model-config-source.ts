/** Where a server's list of models comes from when it may change while the server runs. */
import type { ModelConfigList } from './model-config.js';

/**
 * Reads the configuration as it is now: a parsed file, a response of a service, a row of a database. Core knows no format.
 *
 * @example
 * ```ts
 * const configSource = {
 *   read: async () => ({ models: JSON.parse(await readFile('models.json', 'utf8')) }),
 *   pollIntervalMs: 10_000,
 * };
 * ```
 */
export interface ModelConfigSource {
  /**
   * Never called again before it has settled. `undefined` means that nothing has changed since the last read; a list equal
   * to the last one counts as that too. A rejection leaves the running configuration as it is.
   */
  read(): Promise<ModelConfigList | undefined>;
  /** Milliseconds from the end of one read to the next. `false`: no read after the first. */
  readonly pollIntervalMs: number | false;
  /**
   * Whether a list without models, read while models run, unloads them all. Default: `false`; such a list is taken for a
   * mistake, such as a file that is being written, and the running configuration is kept. The first list may be empty.
   */
  readonly allowEmpty?: boolean;
}
