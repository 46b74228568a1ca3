/** The models in a folder, by what lies where. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { type ModelConfig, ServingError } from '@serving/core';
import { fileErrorCode } from '@serving/core/extend';
import { basePathHint, fileAsBasePathHint, missingFolderHint, unservedFileHint } from '@serving/core/internal';
import { commandWords, inWordsOf } from '../../flags/hint-words.js';
import { versionOfName } from '../version-folder.js';

/** What a folder holds. */
export interface FoundModels {
  readonly models: readonly ModelConfig[];
  /** Children that look like models and can't be served, and how to fix that. */
  readonly remarks: readonly string[];
}

/**
 * Finds the models of a folder of models (`FOLDER/NAME/VERSION`, or `FOLDER/NAME` with the model's files), of one model's base path
 * (`FOLDER/VERSION`), or the version that the folder is.
 *
 * @throws ServingError `NOT_FOUND` for a path that is missing, `INVALID_ARGUMENT` for one that is not a folder, with the
 * command that mends it.
 */
export async function findModels(folder: string): Promise<FoundModels> {
  if (!(await isFolder(folder))) throw notAFolder(folder);
  const names = await childrenOf(folder);
  const platform = platformOf(names);
  if (platform !== undefined) return { models: [oneVersion(folder, platform)], remarks: [] };
  const ofVersions = await versionsPlatform(folder, names);
  if (ofVersions !== undefined) return { models: [modelConfig(basename(folder), folder, ofVersions)], remarks: [] };
  return findBelow(folder, names);
}

/**
 * Finds the model of a base path, or of a version's folder.
 *
 * @throws ServingError as {@link findModels}, `INVALID_ARGUMENT` for a folder of several models, `NOT_FOUND` for one of none.
 */
export async function findOnlyModel(folder: string): Promise<ModelConfig> {
  const { models, remarks } = await findModels(folder);
  const [model, ...others] = models;
  if (model === undefined) throw ServingError.notFound(remarks[0] ?? `No model in ${JSON.stringify(folder)}`);
  if (others.length === 0) return model;
  const names = models.map(({ name }) => name).join(', ');
  throw ServingError.invalidArgument(`${JSON.stringify(folder)} has several models; name the folder of one: ${names}`);
}

async function findBelow(folder: string, names: readonly string[]): Promise<FoundModels> {
  const models: ModelConfig[] = [];
  const remarks: string[] = [];
  for (const name of [...names].sort()) {
    if (name.startsWith('.')) continue;
    try {
      const found = await findChild(name, join(folder, name));
      if (typeof found === 'string') remarks.push(found);
      else if (found !== undefined) models.push(found);
    } catch (error) {
      // One child that can't be read leaves the others; one that was removed since the folder was listed is not worth a remark.
      const { code, message } = ServingError.from(error, 'INTERNAL');
      if (code !== 'NOT_FOUND') remarks.push(`${JSON.stringify(join(folder, name))} is not served. ${message}.`);
    }
  }
  return { models, remarks: models.length === 0 ? [...remarks, ...looseFiles(folder, names)] : remarks };
}

/** Files of formats that are not served; beside models they may be anything. */
function looseFiles(folder: string, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const hint = name.endsWith('.onnx')
      ? undefined
      : unservedFileHint(folder, [name], join(folder, parse(name).name, '1'));
    return hint === undefined ? [] : [`${inWordsOf(commandWords, hint)}.`];
  });
}

/** The model that a child of the folder is, a remark about why it isn't one, or `undefined` for anything else. */
async function findChild(name: string, path: string): Promise<ModelConfig | string | undefined> {
  if (!(await isFolder(path))) return name.endsWith('.onnx') ? looseOnnxModel(path) : undefined;
  const children = await childrenOf(path);
  const ownPlatform = versionOfName(name) === undefined ? platformOf(children) : undefined;
  if (ownPlatform !== undefined) return oneVersion(path, ownPlatform);
  const platform = await versionsPlatform(path, children);
  if (platform !== undefined) return modelConfig(name, path, platform);
  if (children.length === 0) return undefined;
  const hint =
    (await versionHint(path, children)) ?? (await modelsHint(path, children)) ?? basePathHint(path, children);
  return `${JSON.stringify(path)} is not served. ${inWordsOf(commandWords, hint)}.`;
}

/** What is in the first version folder in the place of a model; `undefined` where that is nothing that is known. */
async function versionHint(basePath: string, names: readonly string[]): Promise<string | undefined> {
  const name = names.find((candidate) => versionOfName(candidate) !== undefined);
  if (name === undefined || !(await isFolder(join(basePath, name)))) return undefined;
  return unservedFileHint(join(basePath, name), await childrenOf(join(basePath, name)));
}

/** Which models lie one folder deeper; `undefined` for none. */
async function modelsHint(path: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of [...names].sort()) {
    if (name.startsWith('.')) continue;
    // What can't be read is not looked into: it is a guess.
    const child = join(path, name);
    const found = await childrenOf(child)
      .then((versions) => versionsPlatform(child, versions))
      .catch(() => undefined);
    if (found !== undefined) return `It holds models, such as ${JSON.stringify(name)}: serving serve ${quoted(path)}`;
  }
  return undefined;
}

/** The platform of the versions in a base path, by the first that holds a model; `undefined` when none does. */
async function versionsPlatform(basePath: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if (versionOfName(name) === undefined || !(await isFolder(join(basePath, name)))) continue;
    const platform = platformOf(await childrenOf(join(basePath, name)));
    if (platform !== undefined) return platform;
  }
  return undefined;
}

function platformOf(names: readonly string[]): string | undefined {
  if (names.includes('saved_model.pb') || names.includes('saved_model.pbtxt')) return 'tensorflow';
  return names.includes('model.onnx') ? 'onnx' : undefined;
}

function modelConfig(name: string, basePath: string, platform: string): ModelConfig {
  return { name, basePath, platform };
}

/** A folder with a model's files: a version of the model around it, or a model of which it is the only version. */
function oneVersion(folder: string, platform: string): ModelConfig {
  const version = versionOfName(basename(folder));
  if (version === undefined) return { ...modelConfig(basename(folder), folder, platform), unversionedBasePath: true };
  const basePath = dirname(folder);
  return {
    ...modelConfig(basename(basePath), basePath, platform),
    versionPolicy: { specific: { versions: [version] } },
  };
}

function notAFolder(path: string): ServingError {
  if (path.endsWith('.onnx')) return ServingError.invalidArgument(looseOnnxModel(path));
  const hint = inWordsOf(commandWords, fileAsBasePathHint(path));
  return ServingError.invalidArgument(`${JSON.stringify(path)} is not a folder of models`, { hint });
}

function looseOnnxModel(path: string): string {
  const model = path.slice(0, -'.onnx'.length);
  const move = `mkdir -p ${quoted(`${model}/1`)} && mv ${quoted(path)} ${quoted(`${model}/1/model.onnx`)}`;
  return `${JSON.stringify(path)} is a model outside of a version folder. Move it: ${move}`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** @throws ServingError for a path that is missing or can't be read. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw await unreadable(path, cause);
  }
}

async function childrenOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw await unreadable(folder, cause);
  }
}

async function unreadable(path: string, cause: unknown): Promise<ServingError> {
  const { code } = cause as NodeJS.ErrnoException;
  const hint = code === 'ENOENT' ? await missingFolderHint(path) : undefined;
  return new ServingError(fileErrorCode(cause), `Can't read ${JSON.stringify(path)} (${code})`, { cause, hint });
}
