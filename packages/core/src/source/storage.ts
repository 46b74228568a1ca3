/** Where model folders lie: a file system, or anything that can be listed like one. */
import type { StoragePath } from './storage-path.js';

/**
 * What a source needs to find versions. May be asked at any time, any number of times at once. A rejection unloads
 * nothing, whatever its code; only a listing without versions does.
 *
 * It only lists. Loaders read what its paths name, so a platform for models in a bucket brings loaders that fetch them.
 */
export interface Storage {
  /**
   * The names of a folder's children, in any order. A name may go on behind a `/`, which is cut off, and occur twice: the
   * keys of a bucket below a prefix, with the prefix cut off, will do.
   *
   * @throws ServingError that names the path: `NOT_FOUND` when there is no such folder, any other code when it can't be read.
   */
  listChildren(folder: StoragePath): Promise<readonly string[]>;
  /** The path of a folder's child. */
  join(folder: StoragePath, child: string): StoragePath;
  /**
   * A short text that changes whenever anything in the folder (or the file) of a version does. Asked when a version is
   * first seen, and at each poll while its load has failed: a version whose content has changed since is loaded anew. Without
   * it such a version waits for its next retry, and after the last one for a wish that names it anew.
   */
  fingerprint?(path: StoragePath): Promise<string>;
}
