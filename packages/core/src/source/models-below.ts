/** Which folders in a base path are models themselves. */
import { modelFileIn } from './model-folder-hint.js';
import type { Storage } from './storage.js';
import type { StoragePath } from './storage-path.js';
import { listVersions } from './version-policy.js';

/** As many children are listed. */
const MOST_LISTED = 10;

/** The names of children that hold version folders, or a model's file. A child that can't be listed counts as none: it is a guess. */
export async function modelsBelow(
  storage: Storage,
  basePath: StoragePath,
  children: readonly string[],
): Promise<readonly string[]> {
  const names = [...new Set(children.map((child) => child.split('/', 1)[0] ?? ''))];
  const candidates = names.filter((name) => !name.startsWith('.')).sort();
  const found = await Promise.all(
    candidates.slice(0, MOST_LISTED).map(async (name) => {
      const below = await Promise.resolve(storage.listChildren(storage.join(basePath, name))).catch(() => []);
      return listVersions(below).folders.length > 0 || modelFileIn(below) !== undefined ? [name] : [];
    }),
  );
  return found.flat();
}
