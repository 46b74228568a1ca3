/** Models of the folder `fixtures`. */
import { fileURLToPath } from 'node:url';

/** The path of a fixture's version folder. */
export function fixtureFolder(name: string, version = 1): string {
  return fileURLToPath(new URL(`../fixtures/${name}/${version}`, import.meta.url));
}

/** The path of a fixture's model. */
export function fixtureModel(name: string, version = 1): string {
  return `${fixtureFolder(name, version)}/model.onnx`;
}
