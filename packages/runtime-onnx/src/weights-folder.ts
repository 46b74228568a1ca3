/** The cache of weights in ONNX's layout, which all processes of a user share. */
import { readdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { defaultCacheDirectory } from '@serving/engine';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A file that no load has used for so long is removed. Sessions that are open keep what they have mapped. */
const MAX_AGE_MS = 30 * DAY_MS;
/** The same for a file that was never completed, as its process ended before. */
const MAX_TEMPORARY_AGE_MS = DAY_MS;

/** Where filters in ONNX's layout are kept, beside installed libraries: nowhere when the cache folder is relative. */
export function weightsFolder(): string | undefined {
  const cache = defaultCacheDirectory();
  return isAbsolute(cache) ? join(cache, 'weights') : undefined;
}

/** Removes files that loads have not used for 30 days. What can't be removed stays; never rejects. */
export async function removeUnusedWeights(folder: string | undefined, now: number = Date.now()): Promise<void> {
  if (folder === undefined) return;
  const names = await readdir(folder).catch((): string[] => []);
  await Promise.all(
    names.map(async (name) => {
      const maxAge = maxAgeOf(name);
      if (maxAge === undefined) return;
      const path = join(folder, name);
      try {
        const { mtimeMs } = await stat(path);
        if (now - mtimeMs > maxAge) await rm(path);
      } catch {
        // Another process has removed it, or it is mapped on a system that keeps such files.
      }
    }),
  );
}

function maxAgeOf(name: string): number | undefined {
  if (name.endsWith('.weights')) return MAX_AGE_MS;
  return name.includes('.weights.') && name.endsWith('.tmp') ? MAX_TEMPORARY_AGE_MS : undefined;
}
