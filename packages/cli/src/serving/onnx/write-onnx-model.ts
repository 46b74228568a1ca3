/** Writes an ONNX model and the file of its weights. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError } from '@serving/core/extend';
import type { ExportedModel, WeightsFilePart } from '@serving/onnx-compiler';

/** A file that was written. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/** The name of the file of weights beside a model. */
export function weightsFileName(out: string): string {
  return `${basename(out)}.data`;
}

/** The name of the file of stages beside a model. */
function stagesFileName(out: string): string {
  return `${basename(out)}.stages.json`;
}

/**
 * Writes the model to `out`, and beside it its weights and stages where they have a file. Each file appears under its name when it is complete, the
 * model last.
 *
 * @throws ServingError with the path of a file that can't be written or read.
 */
export async function writeOnnxModel(
  { model, weightsFile, stages }: ExportedModel,
  out: string,
): Promise<WrittenFile[]> {
  const files: WrittenFile[] = [];
  if (weightsFile.length > 0) {
    const path = join(dirname(out), weightsFileName(out));
    files.push(await writeComplete(path, (file) => writeParts(file, weightsFile)));
  }
  if (stages !== undefined) {
    const bytes = new TextEncoder().encode(JSON.stringify(stages));
    files.push(await writeComplete(join(dirname(out), stagesFileName(out)), (file) => writeWhole(file, bytes)));
  }
  files.push(await writeComplete(out, (file) => writeWhole(file, model)));
  return files.reverse();
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<number> {
  await file.writeFile(bytes);
  return bytes.length;
}

async function writeComplete(path: string, write: (file: FileHandle) => Promise<number>): Promise<WrittenFile> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      const bytes = await write(file);
      await file.sync();
      await file.close();
      await rename(temporary, path);
      return { path, bytes };
    } finally {
      await file.close();
      await rm(temporary, { force: true });
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Returns the length of the file. */
async function writeParts(file: FileHandle, parts: readonly WeightsFilePart[]): Promise<number> {
  let end = 0;
  for (const { offset, source } of parts) {
    end = offset + source.length;
    if (source instanceof Uint8Array) await writeAll(file, source, offset);
    else await copy(file, source, offset);
  }
  return end;
}

async function copy(
  file: FileHandle,
  { path, offset, length }: Exclude<WeightsFilePart['source'], Uint8Array>,
  at: number,
): Promise<void> {
  let position = at;
  try {
    for await (const chunk of createReadStream(path, {
      start: offset,
      end: offset + length - 1,
      highWaterMark: 2 ** 20,
    })) {
      await writeAll(file, chunk, position);
      position += chunk.length;
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
