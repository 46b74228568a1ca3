/** Notices by one `stat` that the names in a local folder are as they were. */
import { type StatsFs, stat, statfs } from 'node:fs';

/**
 * Types of file systems (`statfs`) that set a folder's times with each change of its names: ext2 to ext4, XFS, Btrfs, ZFS, overlayfs,
 * tmpfs, F2FS, and APFS. Network and FUSE file systems are not here: some report the same times for ever.
 */
const RELIABLE_TYPES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0x794c7630, 0x01021994, 0xf2f52010, 0x1a,
]);

/** Times are only as fine as the clock of the file system: a folder that changed just now may change again within one tick. */
const SETTLED_MS = 2000;

/** By device: whether its times are reliable. */
const devices = new Map<number, boolean>();

/**
 * A text that changes with the names in a folder. `undefined` on file systems whose times are not reliable, and for a folder that changed
 * less than two seconds ago.
 *
 * @throws what `stat` rejects with
 */
export function folderTag(path: string): Promise<string | undefined> {
  // A server polls thousands of folders every second, and Node's promises of file operations cost half as much again.
  return new Promise((resolve, reject) => {
    stat(path, (error, stats) => {
      if (error) return reject(error);
      const { dev, ino, mtimeMs, ctimeMs } = stats;
      if (Date.now() - Math.max(mtimeMs, ctimeMs) < SETTLED_MS) return resolve(undefined);
      const tag = `${dev} ${ino} ${mtimeMs} ${ctimeMs}`;
      const isReliable = devices.get(dev);
      if (isReliable !== undefined) return resolve(isReliable ? tag : undefined);
      statfs(path, (failure, { type } = { type: 0 } as StatsFs) => {
        if (!failure) devices.set(dev, RELIABLE_TYPES.has(type));
        resolve(devices.get(dev) ? tag : undefined);
      });
    });
  });
}
