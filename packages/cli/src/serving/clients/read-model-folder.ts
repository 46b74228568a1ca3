/** The signatures of a SavedModel on disk. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ServingError, type Version } from '@serving/core';
import {
  compareVersions,
  fileErrorCode,
  localPath,
  type SignatureDef,
  type TensorInfo,
  toVersion,
} from '@serving/core/extend';
import { dataTypeFromNumber } from '@serving/core/tensor';
import { readMetaGraph } from '@serving/protos/saved-model';
import { type ClientModel, type DescribedSignature, type DescribedTensor, toClientModel } from './client-model.js';

export interface ReadModelFolderOptions {
  /** The model's name; empty: the name of its base path. */
  readonly name: string;
  readonly tags: readonly string[];
}

/**
 * Reads a version's folder, or the latest version in a base path.
 *
 * @throws ServingError `NOT_FOUND` when there is no folder, no version in it, or no meta graph of these tags; as
 * `readMetaGraph` for one that doesn't parse.
 */
export async function readModelFolder(folder: string, { name, tags }: ReadModelFolderOptions): Promise<ClientModel> {
  const path = resolve(localPath(folder));
  const version = (await holdsSavedModel(path)) ? path : await latestVersion(path);
  const { signatureDefs } = await readMetaGraph(version, tags);
  const number = versionOfName(basename(version));
  const ownName = basename(number === undefined ? version : dirname(version));
  return toClientModel(
    name === '' ? ownName : name,
    number,
    Array.from(signatureDefs, ([signature, def]) => describeSignature(signature, def)),
  );
}

async function holdsSavedModel(folder: string): Promise<boolean> {
  const files = ['saved_model.pb', 'saved_model.pbtxt'];
  const found = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => undefined)));
  return found.some((file) => file !== undefined);
}

async function latestVersion(basePath: string): Promise<string> {
  let children: string[];
  try {
    children = await readdir(basePath);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ServingError(fileErrorCode(cause), `Can't read the folder ${basePath} (${code})`, { cause });
  }
  const folders = children.flatMap((name) => {
    const version = versionOfName(name);
    return version === undefined ? [] : { name, version };
  });
  const [latest] = folders.sort((a, b) => compareVersions(b.version, a.version));
  if (latest !== undefined) return join(basePath, latest.name);
  throw new ServingError(
    'NOT_FOUND',
    `${basePath} has neither a saved_model.pb nor a numbered folder of a version with one`,
  );
}

function versionOfName(name: string): Version | undefined {
  return /^\d+$/.test(name) ? toVersion(name) : undefined;
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
