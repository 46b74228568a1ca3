/**
 * TensorFlow's strings (`TF_TString`, tensorflow/core/platform/ctstring_internal.h): 24 bytes each, little-endian. The low
 * two bits of the first byte tell the form:
 *
 * - small: that byte >> 2 is the size, up to 22 bytes follow, then a NUL;
 * - large: u64 size << 2 | 1, u64 capacity, pointer;
 * - offset: u32 size << 2 | 2, u32 offset from this string's own address, u32 count;
 * - view: u64 size << 2 | 3, pointer.
 */

import { ServingError } from '@serving/core';
import { StringArray } from '@serving/core/tensor';
import type { Address, Libc } from '@serving/engine/native';
import { address as addressOf } from 'koffi';

/** The size of a `TF_TString`. */
export const STRING_BYTES = 24;

const SMALL = 0;
const LARGE = 1;
const OFFSET = 2;
const FORM_MASK = 3;
const MAX_SMALL = 22;
const HIGH_WORD = 2 ** 32;

/** Native memory that holds strings: the 24-byte records, and the bytes of the long ones right behind them. */
export interface StringBlock {
  readonly address: Address;
  readonly bytes: number;
}

/**
 * Copies strings into one block of `malloc`'s that the caller frees. Long strings point into the same block, so that
 * they live exactly as long as the tensor that owns it.
 *
 * @throws ServingError `RESOURCE_EXHAUSTED` when memory is short.
 */
export function allocateStringBlock(libc: Libc, strings: StringArray): StringBlock {
  const { bytes, offsets, length } = strings;
  let longBytes = 0;
  for (let i = 0; i < length; i++) {
    const size = offsets[i + 1]! - offsets[i]!;
    if (size > MAX_SMALL) longBytes += size;
  }
  const total = length * STRING_BYTES + longBytes;
  const address = libc.malloc(Math.max(total, 1));
  if (address === 0) throw new ServingError('RESOURCE_EXHAUSTED', `No memory for strings of ${total} bytes`);
  const block = new Uint8Array(total);
  const words = new Uint32Array(block.buffer, 0, (length * STRING_BYTES) / 4);
  let tail = length * STRING_BYTES;
  for (let i = 0; i < length; i++) {
    const start = offsets[i]!;
    const size = offsets[i + 1]! - start;
    const record = i * STRING_BYTES;
    if (size <= MAX_SMALL) {
      block[record] = size << 2;
      for (let k = 0; k < size; k++) block[record + 1 + k] = bytes[start + k]!;
    } else {
      const word = record / 4;
      const pointer = address + tail;
      // 4 × size is exact as a double and may need the high word.
      words[word] = (size * 4 + LARGE) % HIGH_WORD;
      words[word + 1] = (size * 4) / HIGH_WORD;
      words[word + 2] = size;
      words[word + 4] = pointer % HIGH_WORD;
      words[word + 5] = pointer / HIGH_WORD;
      block.set(bytes.subarray(start, start + size), tail);
      tail += size;
    }
  }
  if (total > 0) libc.copyIn(address, block, total);
  return { address, bytes: total };
}

/** Copies `count` strings of any form out of native memory. */
export function readStrings(libc: Libc, address: Address, count: number): StringArray {
  const records = new Uint8Array(count * STRING_BYTES);
  if (count > 0) libc.copyOut(records, address, records.length);
  const words = new Uint32Array(records.buffer);
  const offsets = new Uint32Array(count + 1);
  let end = 0;
  for (let i = 0; i < count; i++) {
    end += stringSize(records, words, i);
    offsets[i + 1] = end;
  }
  const bytes = new Uint8Array(end);
  const target = end > 0 ? Number(addressOf(bytes)) : 0;
  for (let i = 0; i < count; i++) {
    const start = offsets[i]!;
    const size = offsets[i + 1]! - start;
    const record = i * STRING_BYTES;
    if ((records[record]! & FORM_MASK) === SMALL) {
      for (let k = 0; k < size; k++) bytes[start + k] = records[record + 1 + k]!;
    } else if (size > 0) {
      libc.copy(target + start, stringPointer(records, words, i, address), size);
    }
  }
  return new StringArray(bytes, offsets);
}

function stringSize(records: Uint8Array, words: Uint32Array, index: number): number {
  const first = records[index * STRING_BYTES]!;
  const word = (index * STRING_BYTES) / 4;
  switch (first & FORM_MASK) {
    case SMALL:
      return first >> 2;
    case OFFSET:
      return words[word]! >>> 2;
    default:
      return (words[word]! >>> 2) + words[word + 1]! * (HIGH_WORD / 4);
  }
}

function stringPointer(records: Uint8Array, words: Uint32Array, index: number, address: Address): Address {
  const record = index * STRING_BYTES;
  const word = record / 4;
  switch (records[record]! & FORM_MASK) {
    case OFFSET:
      return address + record + words[word + 1]!;
    case LARGE:
      return words[word + 4]! + words[word + 5]! * HIGH_WORD;
    default:
      return words[word + 2]! + words[word + 3]! * HIGH_WORD;
  }
}
