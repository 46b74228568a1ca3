/** Where a caching manager gets its loaders (TensorFlow Serving's `CachingManager::LoaderFactory`). */
import type { Loader } from '../loader/loader.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { StoragePath } from '../source/storage-path.js';

/** Called with any name that a request has, so it rejects unknown ones. */
export interface LoaderFactory {
  /**
   * A new loader for a version, each time. Called when the version is requested and not loaded.
   *
   * @throws ServingError that the request fails with; nothing of it is remembered.
   */
  createLoader(id: ServableId): Loader | Promise<Loader>;
  /**
   * The version of a request without one. Called for each such request, so it should return at once.
   *
   * @throws ServingError that the request fails with.
   */
  getServableVersion(name: string, choice: 'latest' | 'earliest'): Version;
}

/**
 * One version for each name: version 0, which lies in the folder of that name below `prefix`. Any other version is refused with
 * `FAILED_PRECONDITION`, and a name that isn't a plain folder name with `INVALID_ARGUMENT`, as names come from requests.
 */
export function pathPrefixLoaderFactory(
  prefix: StoragePath,
  createLoader: (path: StoragePath, id: ServableId) => Loader | Promise<Loader>,
): LoaderFactory {
  return {
    createLoader(id) {
      const { name, version } = id;
      if (version !== 0) {
        throw new ServingError(
          'FAILED_PRECONDITION',
          `Servable ${name} has only version 0, got a request for version ${version}`,
        );
      }
      if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Servable name ${JSON.stringify(name)}: expected the name of a folder`,
        );
      }
      return createLoader(`${prefix.replace(/\/+$/, '')}/${name}`, id);
    },
    getServableVersion: () => 0,
  };
}
