/** A platform from one function. */

import type { ServableId } from '../servable/servable-id.js';
import { UnarySourceAdapter } from '../source/source-adapter.js';
import type { StoragePath } from '../source/storage-path.js';
import type { Loader } from './loader.js';
import type { Platform } from './platform.js';

/**
 * Serves whatever `createLoader` can load. It is asked for a loader each time that a source wishes for a version, also
 * for versions that are there already, and so should do nothing but make the object. When it throws, the version ends with that error.
 *
 * @example
 * ```ts
 * const vocabulary = platformFromLoader((path) =>
 *   simpleLoader({ load: () => readVocabulary(join(path, 'vocabulary.txt')) }),
 * );
 * await ModelServer.start({ models: [{ name: 'words', basePath: './words', platform: 'vocabulary' }], platforms: { vocabulary } });
 * ```
 */
export function platformFromLoader(createLoader: (path: StoragePath, id: ServableId) => Loader): Platform {
  return {
    createSourceAdapter: () => new UnarySourceAdapter((path, { id }) => createLoader(path, id)),
  };
}
