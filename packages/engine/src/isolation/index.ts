/**
 * Models in processes of their own. For engines and platforms of this project: it changes without notice, outside semantic versioning.
 *
 * @module @serving/engine/internal
 */
import type { SavedModelRuntime } from '../runtime/saved-model-runtime.js';
import type { ModelProcessOptions } from './isolation-options.js';

export { checkModelProcessOptions, isolationOption, modelProcessOption } from './isolation-options.js';

/**
 * Resolves with an engine that loads each model in a child process, where `runtime`'s like is made. `runtime` itself loads nothing. What
 * it needs of native functions is loaded by the call.
 *
 * @throws ServingError `UNIMPLEMENTED` on a system where that is not supported, and for an engine without a
 * `source`.
 */
export async function isolatedRuntime(
  runtime: SavedModelRuntime,
  options?: ModelProcessOptions,
): Promise<SavedModelRuntime> {
  const { isolateRuntime } = await import('./isolate-runtime.js');
  return isolateRuntime(runtime, options);
}
