/** What a folder holds in the place of a model or its versions, and how to fix that: pure rules on file names. */
import { parse } from 'node:path';
import { unservedFileHint } from './unserved-formats.js';

/** Files that make a folder a version. */
const MODEL_FILES = ['saved_model.pb', 'saved_model.pbtxt', 'model.onnx'];

/** The file that makes a folder with these children a version; `undefined` for none. */
export function modelFileIn(children: readonly string[]): string | undefined {
  return MODEL_FILES.find((name) => children.includes(name));
}

/** How the API serves a folder without version folders. Commands put their flag in its place, or leave it out. */
export const OR_UNVERSIONED = ', or serve it as version 1 with unversionedBasePath: true';
/** How the API lists models. Commands put their flag in its place. */
export const MODEL_LIST = 'models: [{ name, basePath }, …]';

/**
 * What is wrong with a base path without version folders.
 *
 * @param children the names in it
 */
export function basePathHint(basePath: string, children: readonly string[]): string {
  const names = [...children].sort();
  const modelFile = modelFileIn(names);
  if (modelFile !== undefined) {
    return (
      `"${basePath}/${modelFile}" exists: pass the parent folder, if the versions are there, or move the model to ` +
      `"${basePath}/1"${OR_UNVERSIONED}`
    );
  }
  for (const name of names) {
    const [, number] = /^(?:version|ver|v)?[ _.-]*(\d+)$/i.exec(name) ?? [];
    if (number === undefined) continue;
    if (name === number) return `The version folder "${basePath}/${name}" has neither saved_model.pb nor model.onnx`;
    return `"${basePath}/${name}" is not a version folder: rename it to "${basePath}/${Number(number)}"`;
  }
  return (
    unservedFileHint(basePath, names, `${basePath}/1`) ??
    `Each version is a folder named by its number, such as ${basePath}/1`
  );
}

/**
 * What to do about a base path that holds models in place of versions.
 *
 * @param names of the models in it, at least one
 */
export function folderOfModelsHint(basePath: string, names: readonly [string, ...string[]]): string {
  const path = basePath.replace(/\/$/, '');
  return (
    `"${path}" holds models, not versions: ${names.join(', ')}. Pass the folder of one, such as "${path}/${names[0]}", ` +
    `or serve each of them by ${MODEL_LIST}`
  );
}

/** What to do about a base path that is a file. */
export function fileAsBasePathHint(path: string): string {
  const { dir, base, name } = parse(path);
  if (MODEL_FILES.includes(base)) {
    return /^\d+$/.test(parse(dir).base)
      ? `Pass the folder that holds the version folders: for ${path}, "${parse(dir).dir}"`
      : `Pass the folder "${dir}", and move what it holds to "${dir}/1"${OR_UNVERSIONED}`;
  }
  return (
    unservedFileHint(dir, [base], `${dir}/${name}/1`) ??
    'A base path is a folder with a folder for each version, such as 1'
  );
}
