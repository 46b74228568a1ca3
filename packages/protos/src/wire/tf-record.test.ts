import { ServingError } from '@serving/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.js';
import { encodeTfRecords, readTfRecords } from './tf-record.js';

/** Written by `tf.io.TFRecordWriter`: "warm", nothing, and the bytes from 0 to 255. */
const written = Buffer.from(
  'BAAAAAAAAABCRVIEd2Fybf3s8FgAAAAAAAAAACkDmAfY6oKiAAEAAAAAAAAvswjfAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/2AjGtM=',
  'base64',
);
const records = [Buffer.from('warm'), Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, i) => i))];

describe('crc32c', () => {
  it('gives the published checksums', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });
});

describe('readTfRecords', () => {
  it('reads what TensorFlow wrote, and the other way round', () => {
    expect(Array.from(readTfRecords(written, 'f'), (record) => Buffer.from(record))).toEqual(records);
    expect(Buffer.from(encodeTfRecords(records))).toEqual(written);
  });

  it('finds any change and any cut, after the records before it', () => {
    fc.assert(
      fc.property(fc.nat(written.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const broken = Buffer.from(cut ? written.subarray(0, at) : written);
        if (!cut) broken[at]! ^= flip;
        const read: Buffer[] = [];
        try {
          for (const record of readTfRecords(broken, 'f')) read.push(Buffer.from(record));
          // A file that ends between two records is whole.
          expect(cut).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ServingError);
          expect(error).toMatchObject({
            code: 'DATA_LOSS',
            message: expect.stringMatching(/ of f .*Please verify your warmup data is in TFRecord format\.$/),
          });
        }
        expect(read).toEqual(records.slice(0, read.length));
      }),
    );
  });
});
