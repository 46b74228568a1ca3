import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateGzip, isGzip, MAX_INFLATED_BYTES } from './gzip-body.js';

const text = Buffer.from('{"instances": [1.0, 2.0, 5.0]}');
const member = gzipSync(text);
const inflated = async (bytes: Uint8Array) => Buffer.from(await inflateGzip(bytes)).toString();
const changed = (at: number, to: number) => Buffer.from(member).fill(to, at, at + 1);

describe('isGzip', () => {
  it.each([
    ['gzip', true],
    ['x-gzip', true],
    ['gzip, deflate', true],
    ['GZIP', false],
    ['deflate', false],
  ])('of %s is %s', (encoding, expected) => {
    expect(isGzip(encoding)).toBe(expected);
  });
});

describe('inflateGzip', () => {
  it('inflates one member', async () => {
    expect(await inflated(member)).toBe(text.toString());
  });

  it('inflates a member with every optional header field', async () => {
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3]);
    const fields = Buffer.concat([Buffer.from([2, 0, 9, 9]), Buffer.from('name\0comment\0'), Buffer.from([1, 2])]);
    expect(await inflated(Buffer.concat([header, fields, member.subarray(10)]))).toBe(text.toString());
  });

  it.each([
    ['plain text', text],
    ['no bytes', Buffer.alloc(0)],
    ['two members', Buffer.concat([member, member])],
    ['a byte after the member', Buffer.concat([member, Buffer.from([0])])],
    ['a cut member', member.subarray(0, -1)],
    ['a wrong checksum', changed(member.length - 5, member[member.length - 5]! ^ 1)],
    ['a wrong length', changed(member.length - 4, member[member.length - 4]! ^ 1)],
    ['another method', changed(2, 7)],
    ['reserved flags', changed(3, 0x80)],
    ['an endless name', changed(3, 0x08).fill(1, 10)],
    ['a header alone', member.subarray(0, 10)],
  ])('makes an empty body of %s', async (_what, bytes) => {
    expect(await inflateGzip(bytes)).toHaveLength(0);
  });

  it('inflates up to its limit and not a byte more', async () => {
    const largest = Buffer.alloc(MAX_INFLATED_BYTES);
    expect(await inflateGzip(gzipSync(largest, { level: 1 }))).toHaveLength(MAX_INFLATED_BYTES);
    expect(await inflateGzip(gzipSync(Buffer.alloc(MAX_INFLATED_BYTES + 1), { level: 1 }))).toHaveLength(0);
  });
});
