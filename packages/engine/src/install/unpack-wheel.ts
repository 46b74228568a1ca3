/** Takes TensorFlow's libraries out of Python's package of it (a zip file). */
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ServingError } from '@serving/core';
import { type Entry, open, type ZipFile } from 'yauzl';
import { frameworkFileName } from '../library/library-files.js';
import { nativeLibraries } from '../library/native-library.js';

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Streams the main library and the framework library into `folder` and returns the main one's file name.
 *
 * @throws ServingError `DATA_LOSS` when the file is not a complete wheel or lacks the library.
 */
export async function unpackWheel(wheel: string, folder: string, options: UnpackOptions): Promise<string> {
  try {
    const zip = await openZip(wheel);
    try {
      return await unpack(zip, wheel, folder, options);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (options.signal?.aborted) throw new ServingError('CANCELLED', 'The installation was cancelled');
    throw error instanceof ServingError
      ? error
      : ServingError.from(error, 'DATA_LOSS').prefixed(`${basename(wheel)} can't be unpacked: `);
  }
}

async function unpack(zip: ZipFile, wheel: string, folder: string, options: UnpackOptions): Promise<string> {
  const mains = nativeLibraries.tensorflow.fileNames;
  const wanted = new Set([...mains, frameworkFileName()].map((name) => `tensorflow/${name}`));
  const entries = await listEntries(zip, (entry) => wanted.has(entry.fileName));
  const main = mains.find((name) => entries.some((entry) => basename(entry.fileName) === name));
  if (main === undefined) {
    throw new ServingError('DATA_LOSS', `${basename(wheel)} holds no tensorflow/${mains.join(' or ')}`);
  }
  const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  let done = 0;
  for (const entry of entries) {
    const stream = await openEntry(zip, entry);
    stream.on('data', (chunk: Buffer) => {
      done += chunk.length;
      options.onProgress(done, total);
    });
    const target = createWriteStream(join(folder, basename(entry.fileName)));
    await pipeline(stream, target, options.signal === undefined ? {} : { signal: options.signal });
  }
  return main;
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

function listEntries(zip: ZipFile, isWanted: (entry: Entry) => boolean): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('error', reject);
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      if (isWanted(entry)) entries.push(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
}
