/** The signatures of a SavedModel on disk. */
import { basename, dirname } from 'node:path';
import type { SignatureDef, TensorInfo } from '@serving/core/extend';
import { dataTypeFromNumber } from '@serving/core/tensor';
import { readMetaGraph } from '@serving/protos/saved-model';
import { findVersionFolder, versionOfName } from '../version-folder.js';
import { type ClientModel, type DescribedSignature, type DescribedTensor, toClientModel } from './client-model.js';

export interface ReadModelFolderOptions {
  /** The model's name; empty: the name of its base path. */
  readonly name: string;
  readonly tags: readonly string[];
}

/**
 * Reads a version's folder, or the latest version in a base path.
 *
 * @throws ServingError `NOT_FOUND` for a missing folder, a folder without versions, and a version without a meta graph of these tags; as
 * `readMetaGraph` for one that doesn't parse.
 */
export async function readModelFolder(folder: string, { name, tags }: ReadModelFolderOptions): Promise<ClientModel> {
  const version = await findVersionFolder(folder);
  const { signatureDefs } = await readMetaGraph(version, tags);
  const number = versionOfName(basename(version));
  const ownName = basename(number === undefined ? version : dirname(version));
  return toClientModel(
    name === '' ? ownName : name,
    number,
    Array.from(signatureDefs, ([signature, def]) => describeSignature(signature, def)),
  );
}

function describeSignature(name: string, { methodName, inputs, outputs, defaults }: SignatureDef): DescribedSignature {
  const describe = (alias: string, info: TensorInfo): DescribedTensor => ({
    alias,
    dtype: info.name === undefined ? undefined : (dataTypeFromNumber(info.dtype) ?? 'invalid'),
    shape: info.tensorShape?.unknownRank ? undefined : info.tensorShape?.dim.map(({ size }) => Number(size)),
    hasDefault: defaults.has(alias),
  });
  return {
    name,
    methodName,
    inputs: Array.from(inputs, ([alias, info]) => describe(alias, info)),
    outputs: Array.from(outputs, ([alias, info]) => ({ ...describe(alias, info), hasDefault: false })),
  };
}
