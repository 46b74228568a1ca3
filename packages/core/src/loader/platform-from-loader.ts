/** A platform from one function. */

import type { ServableId } from '../servable/servable-id.js';
import { UnarySourceAdapter } from '../source/source-adapter.js';
import type { StoragePath } from '../source/storage-path.js';
import type { Loader } from './loader.js';
import type { Platform } from './platform.js';

/**
 * Serves whatever `createLoader` can load. It is called each time that a source aspires a version, also for versions that exist already, and so
 * should do nothing but make the object. When it throws, the version ends with that error. It takes the `options` of the version's model, which
 * `checkModelOptions` has checked; without that check models have none.
 *
 * @example
 * ```ts
 * const vocabulary = platformFromLoader((path) =>
 *   simpleLoader({ load: () => readVocabulary(join(path, 'vocabulary.txt')) }),
 * );
 * await ModelServer.start({ models: [{ name: 'words', basePath: './words', platform: 'vocabulary' }], platforms: { vocabulary } });
 * ```
 */
export function platformFromLoader(
  createLoader: (path: StoragePath, id: ServableId, modelOptions: object | undefined) => Loader,
  { checkModelOptions }: Pick<Platform, 'checkModelOptions'> = {},
): Platform {
  return {
    createSourceAdapter: ({ modelOptions }) =>
      new UnarySourceAdapter((path, { id }) => createLoader(path, id, modelOptions(id.name))),
    ...(checkModelOptions && { checkModelOptions }),
  };
}
