/** `--inputs`: arrays from `.npy` and `.npz` files. */
import { readFile } from 'node:fs/promises';
import { ServingError } from '@serving/core';
import { decodeNpy, decodeNpz, isNpz } from '@serving/core/npy';
import type { Tensor } from '@serving/core/tensor';
import { SavedModelCliError } from './saved-model-cli-error.js';

/** `key=file` and `key=file[variable]`, separated by semicolons. @throws SavedModelCliError for another form, and for broken files. */
export async function inputFiles(text: string, warn: (line: string) => unknown): Promise<Map<string, Tensor>> {
  const inputs = new Map<string, Tensor>();
  for (const item of text.split(';').filter((part) => part !== '')) {
    const [, key, path, variable] = /^([^=]+)=([^[\]]+)(?:\[([^[\]]+)\])?$/s.exec(item) ?? [];
    if (key === undefined || path === undefined) {
      throw new SavedModelCliError(
        'RuntimeError',
        `--inputs "${item}" format is incorrect. Please follow"<input_key>=<filename>", or` +
          '"<input_key>=<filename>[<variable_name>]"',
      );
    }
    inputs.set(key, await readArray(path, variable, warn));
  }
  return inputs;
}

async function readArray(path: string, variable: string | undefined, warn: (line: string) => unknown): Promise<Tensor> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new SavedModelCliError('OSError', `${path}; ${error.message}`);
    throw new SavedModelCliError(
      'tensorflow.python.framework.errors_impl.NotFoundError',
      `${path}; No such file or directory`,
    );
  });
  try {
    if (!isNpz(bytes)) {
      const array = decodeNpy(bytes, path);
      if (variable !== undefined) {
        warn(`Input file ${path} contains a single ndarray. Name key "${variable}" ignored.`);
      }
      return array;
    }
    const arrays = decodeNpz(bytes, path);
    if (variable === undefined && arrays.size !== 1) {
      throw new SavedModelCliError(
        'RuntimeError',
        `Input file ${path} contains more than one ndarrays. Please specify the name of ndarray to use.`,
      );
    }
    const member = variable === undefined ? [...arrays.values()][0] : arrays.get(variable.replace(/\.npy$/, ''));
    if (member) return decodeNpy(member(), path);
    throw new SavedModelCliError(
      'RuntimeError',
      `Input file ${path} does not contain variable with name "${variable}".`,
    );
  } catch (error) {
    if (error instanceof SavedModelCliError) throw error;
    throw new SavedModelCliError('ValueError', ServingError.from(error).message);
  }
}
