/** Reads the model in a version's folder, as it is loaded. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { fileError, fileErrorCode } from '@serving/core/extend';
import { checkModel } from '../model-file/check-model.js';
import { checkExternalData } from '../model-file/external-data.js';
import type { OnnxGraphOutline } from '../model-file/model-outline.js';
import { readModelOutline } from '../model-file/read-model-outline.js';
import { replaceZipMaps } from '../model-file/replace-zip-maps.js';

/** The file of a model in its version's folder. */
const MODEL_FILE_NAME = 'model.onnx';

/** A model that was checked. */
export interface OnnxModelFile {
  readonly bytes: Uint8Array;
  readonly graph: OnnxGraphOutline;
  /** Where files of its external data are. */
  readonly folder: string;
}

/**
 * Reads and checks a model. Links are followed first: ONNX Runtime refuses those that leave the model's folder.
 *
 * @throws ServingError for a file that is missing, or a model that can't be served.
 */
export async function readOnnxModel(directory: string): Promise<OnnxModelFile> {
  const path = await findModel(directory);
  const read = await readFile(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  const outline = readModelOutline(read);
  const bytes = replaceZipMaps(read, outline);
  const replaced = bytes === read ? outline : readModelOutline(bytes);
  checkModel(replaced);
  const folder = dirname(path);
  await checkExternalData(replaced, folder);
  return { bytes, graph: replaced.graph, folder };
}

/** Whether all inputs and outputs have fixed shapes. */
export function isStaticModel({ inputs, outputs }: OnnxGraphOutline): boolean {
  return [...inputs, ...outputs].every(
    ({ type }) => type.kind === 'tensor' && type.shape?.every(({ size }) => size !== undefined),
  );
}

async function findModel(directory: string): Promise<string> {
  const path = join(directory, MODEL_FILE_NAME);
  try {
    return await realpath(path);
  } catch (error) {
    if (fileErrorCode(error) !== 'NOT_FOUND') throw fileError(path, error);
    const others = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.onnx'));
    const hint = others.length > 0 ? `. The folder has "${others[0]}": rename it to "${MODEL_FILE_NAME}"` : '';
    throw ServingError.notFound(`${path} not found${hint}`);
  }
}
