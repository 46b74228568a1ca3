/** Reads `variables.index`: a table in LevelDB's format. */
import { ServingError } from '@serving/core';
import { ByteReader } from './byte-reader.js';
import { decompressSnappy } from './snappy.js';

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Compression and checksum behind each block. */
const TRAILER_BYTES = 5;

/**
 * The values by key. Keys are bytes, here as latin1.
 *
 * @throws ServingError `DATA_LOSS` for bytes that are not such a table.
 */
export function readIndexTable(file: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (file.length < FOOTER_BYTES) throw new ServingError('DATA_LOSS', 'the index of the checkpoint is cut off');
  const footer = Buffer.from(file.buffer, file.byteOffset + file.length - FOOTER_BYTES, FOOTER_BYTES);
  if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) {
    throw new ServingError('DATA_LOSS', 'the index of the checkpoint does not end as a table does');
  }
  const reader = new ByteReader(footer);
  readHandle(reader);
  const values = new Map<string, Uint8Array>();
  for (const [, handle] of readBlock(file, readHandle(reader))) {
    for (const [key, value] of readBlock(file, readHandle(new ByteReader(handle)))) values.set(key, value);
  }
  return values;
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(reader: ByteReader): BlockHandle {
  return { offset: reader.varint(), size: reader.varint() };
}

function readBlock(file: Uint8Array, { offset, size }: BlockHandle): [key: string, value: Uint8Array][] {
  if (offset + size + TRAILER_BYTES > file.length) {
    throw new ServingError('DATA_LOSS', 'a block of the checkpoint index lies outside of its file');
  }
  const compression = file[offset + size]!;
  const stored = file.subarray(offset, offset + size);
  if (compression > 1) {
    throw new ServingError(
      'UNIMPLEMENTED',
      `the checkpoint index is compressed by method ${compression}; 0 and 1 are supported`,
    );
  }
  return readEntries(compression === 1 ? decompressSnappy(stored) : stored);
}

function readEntries(block: Uint8Array): [key: string, value: Uint8Array][] {
  if (block.length < 4) throw new ServingError('DATA_LOSS', 'a block of the checkpoint index is cut off');
  const restarts = new ByteReader(block, block.length - 4).integer(4);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw new ServingError('DATA_LOSS', 'a block of the checkpoint index is damaged');
  const reader = new ByteReader(block.subarray(0, end));
  const entries: [string, Uint8Array][] = [];
  let key = '';
  while (!reader.isAtEnd) {
    const shared = reader.varint();
    const unshared = reader.varint();
    const valueLength = reader.varint();
    if (shared > key.length) throw new ServingError('DATA_LOSS', 'a key of the checkpoint index is damaged');
    key = key.slice(0, shared) + Buffer.from(reader.take(unshared)).toString('latin1');
    entries.push([key, reader.take(valueLength)]);
  }
  return entries;
}
