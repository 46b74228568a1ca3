/** Where `@tensorflow/tfjs-node` is installed. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The package's folder, as seen from the application's main script, the current folder or this package. */
export function tfjsNodePackage(): string | undefined {
  const script = process.argv[1];
  const origins = [...(script === undefined ? [] : [script]), join(process.cwd(), '/'), import.meta.url];
  for (const origin of origins) {
    try {
      return dirname(createRequire(origin).resolve('@tensorflow/tfjs-node/package.json'));
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
