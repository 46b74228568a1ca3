/** Takes one file out of an npm package (a gzipped tar file). */
import { createReadStream, createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ServingError } from '@serving/core';

const BLOCK_BYTES = 512;
const REGULAR_FILE = new Set(['0', '\0']);

export interface UnpackTarballOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Streams the first regular file whose name is wanted to `target`; the rest is not unpacked.
 *
 * @throws ServingError `DATA_LOSS` when the file is cut short or holds no such file, `CANCELLED` when `signal` aborts.
 */
export async function unpackFromTarball(
  tarball: string,
  isWanted: (name: string) => boolean,
  target: string,
  options: UnpackTarballOptions,
): Promise<void> {
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  const source = createReadStream(tarball, { highWaterMark: 1 << 20 });
  source.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    await pipeline(wantedFile(gunzip, basename(tarball), isWanted, options), createWriteStream(target));
  } catch (error) {
    if (options.signal?.aborted) throw new ServingError('CANCELLED', 'The installation was cancelled');
    throw error instanceof ServingError
      ? error
      : ServingError.from(error, 'DATA_LOSS').prefixed(`${basename(tarball)} can't be unpacked: `);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Yields the bytes of the wanted file. */
async function* wantedFile(
  stream: AsyncIterable<Buffer>,
  tarball: string,
  isWanted: (name: string) => boolean,
  { signal, onProgress }: UnpackTarballOptions,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of the current file that are to come, its padding included. */
  let left = 0;
  let wanted: { size: number; done: number } | undefined;
  for await (const piece of stream) {
    signal?.throwIfAborted();
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length > 0) {
      if (left === 0) {
        if (rest.length < BLOCK_BYTES) break;
        const header = parseHeader(rest.subarray(0, BLOCK_BYTES));
        rest = rest.subarray(BLOCK_BYTES);
        left = Math.ceil(header.size / BLOCK_BYTES) * BLOCK_BYTES;
        if (header.isFile && isWanted(header.name)) wanted = { size: header.size, done: 0 };
        continue;
      }
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      if (wanted === undefined) continue;
      const bytes = part.subarray(0, wanted.size - wanted.done);
      wanted.done += bytes.length;
      onProgress(wanted.done, wanted.size);
      yield bytes;
      if (wanted.done === wanted.size) return;
    }
  }
  const what = wanted === undefined ? 'holds no library for this machine' : 'is cut short';
  throw new ServingError('DATA_LOSS', `${tarball} ${what}`);
}

function parseHeader(block: Buffer): { readonly name: string; readonly size: number; readonly isFile: boolean } {
  const text = (start: number, length: number): string =>
    block.toString('utf8', start, start + length).split('\0', 1)[0]!;
  const prefix = text(345, 155);
  const size = Number.parseInt(text(124, 12).trim() || '0', 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new ServingError('DATA_LOSS', 'a header has no size');
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size,
    isFile: REGULAR_FILE.has(String.fromCharCode(block[156]!)),
  };
}
