/** Files of external data beside a model. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { ServingError } from '@serving/core';
import { fileError } from '@serving/core/extend';
import { tensorByteLength, tensorsOf } from './check-model.js';
import type { OnnxModelOutline, OnnxTensorOutline } from './model-outline.js';

/**
 * Checks that all external data lies in the model's folder, links followed, and within its files.
 *
 * @param folder the real path of the folder
 * @returns the bytes of the files
 * @throws ServingError `INVALID_ARGUMENT` for a location outside the folder or a range outside its file, `NOT_FOUND` for a missing file.
 */
export async function checkExternalData(model: OnnxModelOutline, folder: string): Promise<number> {
  const sizes = new Map<string, number>();
  for (const tensor of tensorsOf(model)) {
    if (tensor.externalData === undefined) continue;
    const location = tensor.externalData.get('location') ?? '';
    const size = sizes.get(location) ?? (await sizeOf(location, folder, tensor.name));
    sizes.set(location, size);
    checkRange(tensor, tensor.externalData, location, size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

async function sizeOf(location: string, folder: string, tensor: string): Promise<number> {
  const leaves = ServingError.invalidArgument(
    `External data "${location}" of constant "${tensor}" is not in the model's folder; put the file beside the model`,
  );
  if (location === '' || isAbsolute(location) || location.split(/[\\/]/).includes('..')) throw leaves;
  const path = join(folder, location);
  try {
    const real = await realpath(path);
    const way = relative(folder, real);
    if (way.startsWith(`..${sep}`) || way === '..' || isAbsolute(way)) throw leaves;
    const info = await stat(real);
    if (!info.isFile()) throw ServingError.invalidArgument(`External data "${location}" is not a file`);
    return info.size;
  } catch (error) {
    throw fileError(path, error);
  }
}

function checkRange(
  tensor: OnnxTensorOutline,
  data: ReadonlyMap<string, string>,
  location: string,
  fileBytes: number,
): void {
  const needed = tensorByteLength(tensor);
  const offset = Number(data.get('offset') ?? 0);
  const length = Number(data.get('length') ?? needed ?? 0);
  const place = `External data "${location}" of constant "${tensor.name}"`;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || offset + length > fileBytes) {
    throw ServingError.invalidArgument(`${place} ends at byte ${offset + length}; the file has ${fileBytes}`);
  }
  if (length !== needed) throw ServingError.invalidArgument(`${place} has ${length} bytes, expected ${needed}`);
}
