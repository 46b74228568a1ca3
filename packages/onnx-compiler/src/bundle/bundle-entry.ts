/** Entries of a checkpoint's index. */
import { ServingError } from '@serving/core';
import { type DataType, dataTypeFromNumber } from '@serving/core/tensor';
import { lengthDelimited, readFields } from '@serving/protos/tensor';
import { decodeShape } from '../saved-model/attribute-decoder.js';
import type { Extent } from './tensor-slice.js';

/** Where a tensor's bytes lie, or of which slices it is made. */
export interface BundleEntry {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked CRC-32C of the bytes. */
  readonly crc32c: number;
  /** Of a partitioned variable, which has no bytes of its own. */
  readonly slices: readonly (readonly Extent[])[];
}

const SHAPE = lengthDelimited(2);
const SLICE = lengthDelimited(7);
const EXTENT = lengthDelimited(1);

/** @throws ServingError `DATA_LOSS` for an entry that names what no tensor has. */
export function decodeBundleEntry(bytes: Uint8Array): BundleEntry {
  const numbers = { dtype: 0, shard: 0, offset: 0, size: 0, crc32c: 0 };
  const slices: Extent[][] = [];
  let shape: readonly number[] | undefined = [];
  readFields(bytes, (tag, reader) => {
    if (tag === 0x08) numbers.dtype = reader.int32();
    else if (tag === SHAPE) shape = decodeShape(reader.bytes());
    else if (tag === 0x18) numbers.shard = reader.int32();
    else if (tag === 0x20) numbers.offset = Number(reader.int64());
    else if (tag === 0x28) numbers.size = Number(reader.int64());
    else if (tag === 0x35) numbers.crc32c = reader.fixed32();
    else if (tag === SLICE) slices.push(decodeSlice(reader.bytes()));
    else return false;
    return true;
  });
  const { dtype: number, shard, offset, size } = numbers;
  const dtype = dataTypeFromNumber(number);
  const isPlace = [shard, offset, size].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (dtype === undefined || shape === undefined || !isPlace) {
    throw new ServingError('DATA_LOSS', 'it names what no tensor has');
  }
  return { ...numbers, dtype, shape, slices };
}

function decodeSlice(bytes: Uint8Array): Extent[] {
  const extents: Extent[] = [];
  readFields(bytes, (tag, reader) => tag === EXTENT && extents.push(decodeExtent(reader.bytes())));
  return extents;
}

/** Without a length the extent is the whole dimension. */
function decodeExtent(bytes: Uint8Array): Extent {
  let start = 0;
  let length = -1;
  readFields(bytes, (tag, reader) => {
    if (tag === 0x08) start = Number(reader.int64());
    else if (tag === 0x10) length = Number(reader.int64());
    else return false;
    return true;
  });
  return { start, length };
}

/** The number of data files. */
export function decodeBundleHeader(bytes: Uint8Array): number {
  let shards = 0;
  let endianness = 0;
  readFields(bytes, (tag, reader) => {
    if (tag === 0x08) shards = reader.int32();
    else if (tag === 0x10) endianness = reader.int32();
    else return false;
    return true;
  });
  if (endianness !== 0) throw new ServingError('UNIMPLEMENTED', 'the checkpoint is big-endian, which is not supported');
  return shards;
}
