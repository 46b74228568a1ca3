/** NumPy's `.npz` files: zip archives of `.npy` files. */
import { inflateRawSync } from 'node:zlib';
import { npyError } from './npy-error.js';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const ZIP64 = 0xffffffff;

/** Whether a file begins as a zip archive does. */
export function isNpz(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/**
 * The archive's files by name, without their ending `.npy`, in order; they are inflated when they are read.
 *
 * @param path named in the error.
 * @throws ServingError `INVALID_ARGUMENT` for a broken archive, and for one beyond 4 GB.
 */
export function decodeNpz(bytes: Uint8Array, path: string): ReadonlyMap<string, () => Uint8Array> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, () => Uint8Array>();
  try {
    const end = findEndOfDirectory(buffer);
    if (end < 0) throw npyError(path, 'a zip archive that is cut short');
    const count = buffer.readUInt16LE(end + 10);
    for (let i = 0, at = buffer.readUInt32LE(end + 16); i < count; i++) {
      if (buffer.readUInt32LE(at) !== DIRECTORY_ENTRY) throw npyError(path, 'the archive has a broken directory');
      const nameLength = buffer.readUInt16LE(at + 28);
      const name = buffer.toString('utf8', at + 46, at + 46 + nameLength).replace(/\.npy$/, '');
      const entry = {
        method: buffer.readUInt16LE(at + 10),
        size: buffer.readUInt32LE(at + 20),
        offset: buffer.readUInt32LE(at + 42),
      };
      members.set(name, () => readMember(buffer, entry, `${path}[${name}]`));
      at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
    }
  } catch (error) {
    if (error instanceof RangeError) throw npyError(path, 'the archive is broken');
    throw error;
  }
  return members;
}

function findEndOfDirectory(buffer: Buffer): number {
  for (let at = buffer.length - 22; at >= 0; at--) if (buffer.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  return -1;
}

function readMember(
  buffer: Buffer,
  { method, size, offset }: { readonly method: number; readonly size: number; readonly offset: number },
  path: string,
): Uint8Array {
  if (size === ZIP64 || offset === ZIP64) throw npyError(path, 'archives beyond 4 GB are not supported');
  try {
    const start = offset + 30 + buffer.readUInt16LE(offset + 26) + buffer.readUInt16LE(offset + 28);
    const content = buffer.subarray(start, start + size);
    if (method === STORED) return content;
    if (method === DEFLATED) return inflateRawSync(content);
  } catch {
    throw npyError(path, 'the archive is broken');
  }
  throw npyError(path, `compressed by method ${method}, which is not supported`);
}
