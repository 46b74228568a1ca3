/** Where a server's list of models comes from when it may change while the server runs. */
import type { ModelConfigList } from './model-config.js';

/**
 * Gives the configuration as it is now: a parsed file, an answer of a service, a row of a database. Core knows no format.
 *
 * @example
 * ```ts
 * const configSource = {
 *   read: async () => ({ models: JSON.parse(await readFile('models.json', 'utf8')) }),
 *   pollWaitSeconds: 10,
 * };
 * ```
 */
export interface ModelConfigSource {
  /**
   * Never called again before it has settled. `undefined` says that nothing has changed since the last read; a list equal
   * to the last one counts as that too. A rejection leaves the running configuration as it is.
   */
  read(): Promise<ModelConfigList | undefined>;
  /** Seconds from the end of one read to the next. 0 or less: no read after the first. */
  readonly pollWaitSeconds: number;
  /**
   * Whether a list without models, read while models run, unloads them all. Default: `false`; such a list is taken for a
   * mistake, such as a file that is being written, and the running configuration is kept. The first list may be empty.
   */
  readonly allowEmpty?: boolean;
}
