/** Finds TensorFlow's library on this machine. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ServingError } from '@serving/core';

export interface FoundLibrary {
  readonly path: string;
}

export async function findLibrary(options: { readonly libraryPath?: string } = {}): Promise<FoundLibrary> {
  const folder = options.libraryPath ?? process.env.TENSORFLOW_LIBRARY_PATH ?? '';
  const path = join(folder, 'libtensorflow_cc.so.2');
  if ((await stat(path).catch(() => undefined)) === undefined) throw new ServingError('FAILED_PRECONDITION', 'none');
  return { path };
}
