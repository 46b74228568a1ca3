/** Where `@tensorflow/tfjs-node` is installed. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { packageOrigins } from '../runtime/package-origins.js';

/** The package's folder, as seen from this package or the application's main script. */
export function tfjsNodePackage(): string | undefined {
  for (const origin of packageOrigins(import.meta.url)) {
    try {
      return dirname(createRequire(origin).resolve('@tensorflow/tfjs-node/package.json'));
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
