/** Real SavedModels for tests. */
import { fileURLToPath } from 'node:url';

/** `half_plus_two`: TensorFlow Serving's own test model, version 1; input `x`, output `y` = x / 2 + 2, floats. */
export type SavedModelFixture = 'half_plus_two';

/**
 * The base path of a SavedModel that comes with this package, made by TensorFlow.
 *
 * @example
 * ```ts
 * await startTestServer({
 *   models: { half_plus_two: { basePath: savedModelFixture('half_plus_two') } },
 *   platforms: { tensorflow: savedModelPlatform() },
 * });
 * ```
 */
export function savedModelFixture(name: SavedModelFixture): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}
