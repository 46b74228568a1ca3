/** What is known of a model before its servers start. */
import { basename, dirname, resolve } from 'node:path';
import type { ModelConfig } from '@serving/core';
import { localPath } from '@serving/core/extend';
import { findLibrary } from '@serving/engine';
import { compileSavedModelInThread } from '@serving/onnx-compiler';
import { chooseSignature } from '../clients/client-model.js';
import { readModelFolder } from '../clients/read-model-folder.js';
import { findOnlyModel } from '../serve/find-models.js';
import { findVersionFolder, versionOfName } from '../version-folder.js';
import type { TunedEngine } from './tune-settings.js';
import type { Batching } from './tune-steps.js';

export interface TunedModel {
  readonly config: ModelConfig;
  /** The folder of the version whose requests are taken. */
  readonly directory: string;
}

/**
 * Finds the model of a base path, or of a version's folder.
 *
 * @throws ServingError as `findOnlyModel`.
 */
export async function findTunedModel(folder: string): Promise<TunedModel> {
  const path = resolve(localPath(folder));
  const config = await findOnlyModel(path);
  const isVersion = versionOfName(basename(path)) !== undefined && dirname(path) === resolve(config.basePath);
  const holdsModel = isVersion || config.unversionedBasePath === true;
  return { config, directory: holdsModel ? path : await findVersionFolder(path) };
}

/** The engines whose library is installed; the first is the one that `auto` takes. */
export async function installedEngines(): Promise<readonly TunedEngine[]> {
  const engines = ['tensorflow', 'onnx'] as const;
  const found = await Promise.all(
    engines.map((engine) =>
      findLibrary({ engine }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return engines.filter((_, i) => found[i]);
}

/** Whether requests to a signature of a SavedModel may share a run. The server decides itself about ONNX models. */
export async function batchingOf({ config, directory }: TunedModel, signatureName: string): Promise<Batching> {
  if (config.platform === 'onnx') return 'safe';
  const model = await readModelFolder(directory, { name: config.name, tags: ['serve'] });
  const { name, inputs, outputs } = chooseSignature(model, signatureName);
  const hasRows = [...inputs, ...outputs].every(({ shape }) => shape === undefined || shape[0] === -1);
  if (!hasRows || inputs.length === 0) return 'none';
  const compiled = await compileSavedModelInThread(directory, ['serve'], { signatures: [name] }).catch(() => undefined);
  const program = compiled?.programs[0];
  if (program === undefined) return 'unproven';
  return program.batchable ? 'safe' : 'none';
}
