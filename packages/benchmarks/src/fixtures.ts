/** The models that are measured. */
import { fileURLToPath } from 'node:url';

/** The base path of a fixture model (its versions are the folders in it). */
export function fixtureBasePath(name: string): string {
  return fileURLToPath(new URL(`../../savedmodel/fixtures/${name}`, import.meta.url));
}
