/** What one list of models changes in another. */
import { isDeepStrictEqual } from 'node:util';
import { ServingError } from '../../serving-error.js';
import type { ValidModelConfig } from './model-config.js';

export interface ModelConfigChange {
  /** New by name, or with another base path, version policy or `unversionedBasePath`. */
  readonly toLoad: readonly ValidModelConfig[];
  /** Names that are listed no more. */
  readonly removed: readonly string[];
}

/** @throws ServingError `INVALID_ARGUMENT` for a model that stays but would change its platform. */
export function modelConfigChange(
  before: ReadonlyMap<string, ValidModelConfig>,
  after: readonly ValidModelConfig[],
): ModelConfigChange {
  for (const [i, { name, platform }] of after.entries()) {
    const known = before.get(name);
    if (known && known.platform !== platform) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Invalid model server configuration: models[${i}].platform: Illegal to change a model's platform. For model ${name} platform was ${known.platform} and new platform requested is ${platform}`,
      );
    }
  }
  const names = new Set(after.map(({ name }) => name));
  return {
    toLoad: after.filter((model) => !isServedAlike(before.get(model.name), model)),
    removed: [...before.keys()].filter((name) => !names.has(name)),
  };
}

/** Whether the same versions are served from the same place; labels don't matter. */
export function isServedAlike(before: ValidModelConfig | undefined, after: ValidModelConfig): boolean {
  return (
    before?.basePath === after.basePath &&
    before.unversionedBasePath === after.unversionedBasePath &&
    isDeepStrictEqual(before.versionPolicy, after.versionPolicy)
  );
}
