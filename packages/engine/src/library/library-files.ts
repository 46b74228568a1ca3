/** Libraries as files. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The file name of the framework library that lies beside TensorFlow's main one; Windows has a single library. */
export function frameworkFileName(platform: NodeJS.Platform = process.platform): string | undefined {
  switch (platform) {
    case 'win32':
      return undefined;
    case 'darwin':
      return 'libtensorflow_framework.2.dylib';
    default:
      return 'libtensorflow_framework.so.2';
  }
}

/** The library at `place`, which may be the file itself or a folder that has one of the names. */
export async function libraryAt(place: string, names: readonly string[]): Promise<string | undefined> {
  const info = await stat(place).catch(() => undefined);
  if (info?.isFile()) return place;
  if (info === undefined) return undefined;
  for (const name of names) {
    const path = join(place, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}
