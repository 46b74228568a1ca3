/** Decompresses Snappy's block format, in which older writers compress the index of a checkpoint. */
import { ServingError } from '@serving/core';
import { ByteReader } from './byte-reader.js';

/** A block of an index has a few kilobytes. */
const MAX_BLOCK_BYTES = 64 * 1024 ** 2;

/** @throws ServingError `DATA_LOSS` for bytes that are not such a block, or that hold more than 64 MiB. */
export function decompressSnappy(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  const length = reader.varint();
  if (length > MAX_BLOCK_BYTES) throw damaged(`it claims ${length} bytes`);
  const output = new Uint8Array(length);
  let written = 0;
  while (!reader.isAtEnd) {
    const tag = reader.byte();
    if ((tag & 3) === 0) {
      const literal = reader.take(literalLength(tag >> 2, reader));
      if (written + literal.length > length) throw damaged('it is longer than it claims');
      output.set(literal, written);
      written += literal.length;
      continue;
    }
    const { count, distance } = copyOf(tag, reader);
    if (distance === 0 || distance > written || written + count > length) throw damaged('a copy is out of range');
    // Byte by byte: a copy may overlap what it writes.
    for (const end = written + count; written < end; written++) output[written] = output[written - distance]!;
  }
  if (written !== length) throw damaged('it is shorter than it claims');
  return output;
}

function literalLength(code: number, reader: ByteReader): number {
  return 1 + (code < 60 ? code : reader.integer(code - 59));
}

function copyOf(tag: number, reader: ByteReader): { readonly count: number; readonly distance: number } {
  if ((tag & 3) === 1) return { count: ((tag >> 2) & 7) + 4, distance: ((tag >> 5) << 8) | reader.byte() };
  return { count: (tag >> 2) + 1, distance: reader.integer((tag & 3) === 2 ? 2 : 4) };
}

function damaged(reason: string): ServingError {
  return new ServingError('DATA_LOSS', `a compressed block of the checkpoint is damaged: ${reason}`);
}
