/** The models of a server as a repository: what is there, and loads and unloads. */
import { type ModelVersionStatus, ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { ModelControl } from '@serving/core/internal';
import type { ModelCatalog } from './model-catalog.js';

/** One version of a model. */
export interface RepositoryEntry {
  readonly name: string;
  /** Absent for a model without versions. */
  readonly version?: string;
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  /** Why it is unavailable; `''` otherwise. */
  readonly reason: string;
}

/** Every version of every model, by name and version. */
export function repositoryIndex(catalog: ModelCatalog, readyOnly: boolean): RepositoryEntry[] {
  const entries = catalog.names.flatMap((name) => {
    const versions = [...catalog.versionsOf(name)].reverse();
    if (versions.length > 0) return versions.map((status) => entryOf(name, status));
    const readiness = catalog.modelReadiness({ model: name });
    const reason = readiness.ready ? '' : readiness.error;
    return [{ name, state: 'UNAVAILABLE' as const, reason }];
  });
  return readyOnly ? entries.filter(({ state }) => state === 'READY') : entries;
}

function entryOf(name: string, { version, state, status }: ModelVersionStatus): RepositoryEntry {
  const entry = { name, version: String(version) };
  if (status.errorCode !== 'OK') return { ...entry, state: 'UNAVAILABLE', reason: status.errorMessage };
  switch (state) {
    case 'AVAILABLE':
      return { ...entry, state: 'READY', reason: '' };
    case 'UNLOADING':
      return { ...entry, state: 'UNLOADING', reason: '' };
    case 'END':
      return { ...entry, state: 'UNAVAILABLE', reason: 'unloaded' };
    default:
      return { ...entry, state: 'LOADING', reason: '' };
  }
}

/**
 * Loads a model, or polls for new versions of it. Resolves when each version found is available or has failed.
 *
 * @throws ServingError `NOT_FOUND` for an unknown model, `FAILED_PRECONDITION` with the reasons when no version is available.
 */
export async function loadModel(catalog: ModelCatalog, control: ModelControl, model: string): Promise<void> {
  checkKnown(catalog, model);
  try {
    await control.load(model);
  } catch (cause) {
    const error = ServingError.from(cause);
    if (error.code !== 'UNKNOWN') throw error;
    const failed = catalog.versionsOf(model).filter(({ status }) => status.errorCode !== 'OK');
    const reasons = failed.map(({ version, status }) => `version ${version}: ${status.errorMessage}`).join('; ');
    throw ServingError.failedPrecondition(
      `Model ${quoteName(model)} failed to load: ${reasons || 'no version was found at its base path'}`,
      { cause },
    );
  }
}

/**
 * Unloads a model. Resolves when its requests in flight have ended and its versions are unloaded.
 *
 * @throws ServingError `NOT_FOUND` for an unknown model.
 */
export async function unloadModel(catalog: ModelCatalog, control: ModelControl, model: string): Promise<void> {
  checkKnown(catalog, model);
  await control.unload(model);
}

function checkKnown(catalog: ModelCatalog, model: string): void {
  if (!catalog.names.includes(model)) throw ServingError.notFound(`Unknown model ${quoteName(model)}`);
}

/** @throws ServingError `UNAVAILABLE` where clients may not load and unload models. */
export function controlOf({ control }: ModelCatalog, isAllowed: boolean): ModelControl {
  if (isAllowed && control !== undefined) return control;
  throw new ServingError(
    'UNAVAILABLE',
    'Clients may not load and unload models: the server is to be started with modelControl (--allow_model_control)',
  );
}

/** @throws ServingError `INVALID_ARGUMENT` for parameters that are not supported, or not of the right type. */
export function checkControlParameters(kind: 'load' | 'unload', parameters: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(parameters)) {
    if (kind === 'unload' && key === 'unload_dependents') {
      if (typeof value !== 'boolean') throw ServingError.invalidArgument('"unload_dependents" must be true or false');
      continue;
    }
    throw ServingError.invalidArgument(`Parameter ${quoteName(key)} of ${kind} is not supported`);
  }
}
