/** Strings of a checkpoint: varint lengths, their checksum, then the bytes. */
import { ServingError } from '@serving/core';
import { elementCount, StringArray, type Tensor } from '@serving/core/tensor';
import { maskedCrc32c } from '@serving/protos/saved-model';
import { ByteReader } from './byte-reader.js';

/**
 * @param checksum of the entry.
 * @throws ServingError `DATA_LOSS` for bytes that don't fit the shape or the checksum of the lengths.
 */
export function decodeStringTensor(bytes: Uint8Array, shape: readonly number[], checksum: number, key: string): Tensor {
  const count = elementCount(shape);
  // Each length takes a byte or more.
  if (count > bytes.length) throw damaged(key, `it has no room for ${count} strings`);
  const reader = new ByteReader(bytes);
  const offsets = new Uint32Array(count + 1);
  const lengths: number[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = reader.varint();
    lengths.push(length);
    total += length;
    offsets[i + 1] = total;
  }
  if (total > bytes.length) throw damaged(key, 'its strings are longer than its bytes');
  const stored = reader.integer(4);
  if (stored !== maskedCrc32c(lengthBytes(lengths))) throw damaged(key, 'the checksum of its lengths is wrong');
  const content = reader.take(total).slice();
  if (!reader.isAtEnd) throw damaged(key, 'bytes are left over');
  checkWhole(checksum, lengths, stored, content, key);
  return { dtype: 'string', shape, data: new StringArray(content, offsets) };
}

/** The checksum covers lengths as 32-bit numbers (64-bit where they don't fit), not as they are stored. */
function lengthBytes(lengths: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(lengths.length * 4);
  for (const [i, length] of lengths.entries()) bytes.writeUInt32LE(length, i * 4);
  return bytes;
}

function checkWhole(
  checksum: number,
  lengths: readonly number[],
  stored: number,
  content: Uint8Array,
  key: string,
): void {
  const lengthChecksum = Buffer.alloc(4);
  lengthChecksum.writeUInt32LE(stored);
  if (maskedCrc32c(Buffer.concat([lengthBytes(lengths), lengthChecksum, content])) !== checksum) {
    throw damaged(key, 'its checksum is wrong');
  }
}

function damaged(key: string, reason: string): ServingError {
  return new ServingError('DATA_LOSS', `String variable "${key}" is damaged: ${reason}`);
}
