/** Weights in a layout of ONNX, in a file beside those of the SavedModel. */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileBytes } from '../../graph/graph.js';

/** Each tensor starts at a multiple of this, as vector instructions like it. */
const ALIGNMENT = 64;

/**
 * Writes tensors into one file of the folder and returns where each is. The file is named by its content, so that models with the same
 * weights share it and it is written once; its time of modification is that of its last use. Returns `undefined` where the folder can't be written.
 */
export function writeSideFile(folder: string, tensors: readonly Uint8Array[]): readonly FileBytes[] | undefined {
  const hash = createHash('sha256');
  const offsets: number[] = [];
  let end = 0;
  for (const bytes of tensors) {
    end = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    offsets.push(end);
    hash.update(`${end}+${bytes.length};`).update(bytes);
    end += bytes.length;
  }
  try {
    mkdirSync(folder, { recursive: true });
    const path = join(realpathSync(folder), `${hash.digest('hex')}.weights`);
    if (hasSize(path, end)) touch(path);
    else writeWhole(path, tensors, offsets);
    return tensors.map(({ length }, i) => ({ path, offset: offsets[i]!, length }));
  } catch {
    return undefined;
  }
}

function hasSize(path: string, size: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === size;
}

/** Marks the file as used, for those who remove unused ones. A file of another user's stays as it is. */
function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // It can be read all the same.
  }
}

/** The file appears under its name when it is complete. */
function writeWhole(path: string, tensors: readonly Uint8Array[], offsets: readonly number[]): void {
  // Threads of this process, and other processes, may be writing the same weights.
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (const [i, bytes] of tensors.entries()) writeAll(file, bytes, offsets[i]!);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, offset + written);
  }
}
