/** Where model folders lie: a file system, or anything that can be listed like one. */
import type { StoragePath } from './storage-path.js';

/**
 * What a source needs to find versions. May be asked at any time, any number of times at once. A rejection unloads
 * nothing, whatever its code; only a listing without versions does.
 */
export interface Storage {
  /**
   * The names of a folder's children, in any order. A name may go on behind a `/`, which is cut off, and occur twice.
   *
   * @throws ServingError that names the path: `NOT_FOUND` when there is no such folder, any other code when it can't be read.
   */
  listChildren(folder: StoragePath): Promise<readonly string[]>;
  /** The path of a folder's child. */
  join(folder: StoragePath, child: string): StoragePath;
}
