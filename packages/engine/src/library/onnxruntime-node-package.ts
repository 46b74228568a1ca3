/** Where `onnxruntime-node` is installed. */
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageOrigins } from '../runtime/package-origins.js';

/** The folder of its library for this machine, as seen from this package or the application's main script. */
export async function onnxRuntimeNodeFolder(): Promise<string | undefined> {
  for (const origin of packageOrigins(import.meta.url)) {
    try {
      const bin = join(dirname(createRequire(origin).resolve('onnxruntime-node/package.json')), 'bin');
      const version = (await readdir(bin)).find((name) => name.startsWith('napi-v'));
      if (version !== undefined) return join(bin, version, process.platform, process.arch);
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
