/** Which models and versions can be called. */
import type { ModelInfo, SignatureInfo } from '../../../src/api/console-api.js';

export function callableModels(models: readonly ModelInfo[]): readonly ModelInfo[] {
  return models.filter(({ defaultVersion }) => defaultVersion !== undefined);
}

/** Versions to choose from; `''` leaves the choice to the server. */
export function versionOptions({ versions, defaultVersion }: ModelInfo): (readonly [value: string, text: string])[] {
  const available = versions.filter(({ state }) => state === 'AVAILABLE');
  return [
    ['', `server's choice (${defaultVersion})`],
    ...available.map(
      ({ version, labels }) => [version, labels.length > 0 ? `${version} (${labels.join(', ')})` : version] as const,
    ),
  ];
}

/** Signatures that take a request, `serving_default` first; those that only initialise a model are left out. */
export function callableSignatures(signatures: readonly SignatureInfo[]): readonly SignatureInfo[] {
  const callable = signatures.filter(({ name }) => !name.startsWith('__saved_model'));
  return callable.sort((a, b) => Number(b.name === 'serving_default') - Number(a.name === 'serving_default'));
}
