/** How TensorFlow's library is called on each platform. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** File names of the main library, the C library's before the one of Python's package, which exports the C API too. */
export function libraryFileNames(platform: NodeJS.Platform = process.platform): readonly string[] {
  switch (platform) {
    case 'win32':
      return ['tensorflow.dll'];
    case 'darwin':
      return ['libtensorflow.2.dylib', 'libtensorflow_cc.2.dylib'];
    default:
      return ['libtensorflow.so.2', 'libtensorflow_cc.so.2'];
  }
}

/** The file name of the framework library that lies beside the main one; Windows has a single library. */
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

/** The main library at `place`, which may be the file itself or its folder. */
export async function libraryAt(place: string): Promise<string | undefined> {
  const info = await stat(place).catch(() => undefined);
  if (info?.isFile()) return place;
  if (info === undefined) return undefined;
  for (const name of libraryFileNames()) {
    const path = join(place, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}
