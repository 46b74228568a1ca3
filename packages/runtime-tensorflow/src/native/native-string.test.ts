import { StringArray } from '@serving/core/tensor';
import { loadLibc } from '@serving/engine/native';
import fc from 'fast-check';
import { address as addressOf } from 'koffi';
import { describe, expect, it } from 'vitest';
import { allocateStringBlock, readStrings, STRING_BYTES } from './native-string.js';

const libc = loadLibc();

function roundTrip(strings: StringArray): StringArray {
  const block = allocateStringBlock(libc, strings);
  const result = readStrings(libc, block.address, strings.length);
  libc.free(block.address);
  return result;
}

describe('allocateStringBlock and readStrings', () => {
  it.each([0, 1, 21, 22, 23, 24, 1000, 100_000])('carry a string of %i bytes', (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
    expect(roundTrip(StringArray.from([bytes])).at(0)).toEqual(bytes);
  });

  it('carry any row of byte strings, slices of larger ones too', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 }), fc.nat(5), (values, skipped) => {
        const all = StringArray.from(values);
        const slice = all.subarray(Math.min(skipped, all.length));
        const result = roundTrip(slice);
        expect(result.length).toBe(slice.length);
        for (let i = 0; i < slice.length; i++) expect(result.at(i)).toEqual(slice.at(i));
      }),
    );
  });

  it('keep long strings in the block itself', () => {
    const block = allocateStringBlock(libc, StringArray.from(['x'.repeat(23), 'y', 'z'.repeat(100)]));
    expect(block.bytes).toBe(3 * STRING_BYTES + 123);
    libc.free(block.address);
  });
});

describe('readStrings', () => {
  it('reads views and offsets, which TensorFlow makes itself', () => {
    const text = new TextEncoder().encode('tensorflow serving');
    const records = new DataView(new ArrayBuffer(2 * STRING_BYTES + text.length));
    new Uint8Array(records.buffer).set(text, 2 * STRING_BYTES);
    const base = BigInt(addressOf(records.buffer));
    records.setBigUint64(0, (10n << 2n) | 3n, true);
    records.setBigUint64(8, base + BigInt(2 * STRING_BYTES), true);
    records.setUint32(STRING_BYTES, (7 << 2) | 2, true);
    records.setUint32(STRING_BYTES + 4, STRING_BYTES + 11, true);
    records.setUint32(STRING_BYTES + 8, 1, true);
    expect(readStrings(libc, Number(base), 2).toStrings()).toEqual(['tensorflow', 'serving']);
  });
});
