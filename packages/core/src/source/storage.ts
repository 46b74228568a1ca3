/** Where model folders lie: a file system, or anything that can be listed like one. */
import type { StoragePath } from './storage-path.js';

/**
 * What a source needs to find versions. May be called at any time, any number of times at once. A rejection unloads
 * nothing, whatever its code; only a listing without versions does.
 *
 * It only lists. Loaders read what its paths name, so a platform for models in a bucket brings loaders that fetch them.
 */
export interface Storage {
  /**
   * The names of a folder's children, in any order. A name may continue after a `/`, which is cut off, and occur twice: the
   * keys of a bucket below a prefix, with the prefix cut off, work.
   *
   * @throws ServingError that names the path: `NOT_FOUND` for a missing folder, another code for one that cannot be read.
   */
  listChildren(folder: StoragePath): Promise<readonly string[]>;
  /** The path of a folder's child. */
  join(folder: StoragePath, child: string): StoragePath;
  /**
   * A short text that changes whenever anything in the folder (or the file) of a version does. Asked when a version is
   * first seen, and at each poll while its load has failed: a version whose content has changed since is loaded again. Without
   * it such a version waits for its next retry, and after the last one until it is aspired again.
   */
  fingerprint?(path: StoragePath): Promise<string>;
  /**
   * A text that is the same only while {@link Storage.listChildren} would return the same names, and costs less. Polls by the timer ask for it
   * and list the folder only when it has changed. `undefined` where that is not known at the moment. Default: each poll lists the folder.
   */
  listingTag?(folder: StoragePath): Promise<string | undefined>;
}
