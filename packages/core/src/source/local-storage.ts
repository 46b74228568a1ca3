/** The machine's own file system. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileError } from '../files/file-error.js';
import { ServingError } from '../serving-error.js';
import { folderTag } from './folder-tag.js';
import { localPath } from './local-path.js';
import { missingFolderHint } from './missing-folder-hint.js';
import type { Storage } from './storage.js';

/**
 * The machine's own file system: paths are as Node takes them, relative ones from the current folder, or `file://` URLs. A fingerprint is of the
 * names, sizes, times and identities of all files below a path. Rejects with `NOT_FOUND`, `FAILED_PRECONDITION` (no folder, a loop of links),
 * `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED` (too many open files), `UNAVAILABLE`, or `INVALID_ARGUMENT` for a URL of another scheme.
 */
export const localStorage: Storage = {
  async listChildren(folder) {
    try {
      return await readdir(localPath(folder));
    } catch (error) {
      const failure = fileError(folder, error);
      if (failure.code !== 'NOT_FOUND') throw failure;
      const hint = await missingFolderHint(localPath(folder));
      throw ServingError.notFound(failure.message, { cause: error, hint });
    }
  },
  listingTag: (folder) => folderTag(localPath(folder)),
  join: (folder, child) => join(localPath(folder), child),
  async fingerprint(given) {
    const path = localPath(given);
    try {
      const paths = (await stat(path)).isDirectory() ? await filesBelow(path) : [path];
      const lines = await Promise.all(paths.map(async (file) => `${relative(path, file)} ${await describe(file)}`));
      return createHash('sha256').update(lines.sort().join('\n')).digest('base64');
    } catch (error) {
      throw fileError(path, error);
    }
  },
};

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name));
}

/** Size, times and identity; a file that has gone meanwhile is different too. */
async function describe(file: string): Promise<string> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(file);
    return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  } catch {
    return 'unreadable';
  }
}
