/** Finds the version that a command is about. */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Version } from '@serving/core';
import { compareVersions, fileErrorCode, localPath, toVersion } from '@serving/core/extend';
import { basePathHint, missingFolderHint } from '@serving/core/internal';
import { ServingError } from '@serving/core/portable';

/**
 * The path of a version's folder: `folder` itself, or the latest version in a base path.
 *
 * @throws ServingError `NOT_FOUND` when the folder is missing, or has no version.
 */
export async function findVersionFolder(folder: string): Promise<string> {
  const path = resolve(localPath(folder));
  return (await holdsSavedModel(path)) ? path : latestVersion(path);
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
    const hint = code === 'ENOENT' ? await missingFolderHint(basePath) : undefined;
    throw new ServingError(fileErrorCode(cause), `Can't read the folder ${basePath} (${code})`, { cause, hint });
  }
  const folders = children.flatMap((name) => {
    const version = versionOfName(name);
    return version === undefined ? [] : { name, version };
  });
  const [latest] = folders.sort((a, b) => compareVersions(b.version, a.version));
  if (latest !== undefined) return join(basePath, latest.name);
  throw ServingError.notFound(`${basePath} has neither a saved_model.pb nor a numbered folder of a version with one`, {
    hint: children.includes('model.onnx')
      ? `"${basePath}/model.onnx" is an ONNX model: this command reads SavedModels`
      : basePathHint(basePath, children),
  });
}

/** The version of a folder; `undefined` for other names. */
export function versionOfName(name: string): Version | undefined {
  return /^\d+$/.test(name) ? toVersion(name) : undefined;
}
