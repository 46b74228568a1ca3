import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64Into, encodeBase64Into } from './base64.js';

function decode(text: string): string | undefined {
  const target = new Uint8Array(text.length + 1);
  const end = decodeBase64Into(Buffer.from(text, 'latin1'), target, 0);
  return end < 0 ? undefined : Buffer.from(target.subarray(0, end)).toString('hex');
}

describe('decodeBase64Into', () => {
  it.each<[string, string | undefined]>([
    ['', ''],
    ['AQID', '010203'],
    ['AQI=', '0102'],
    ['AQI', '0102'],
    ['AQ==', '01'],
    ['AQ', '01'],
    ['AQ..', '01'],
    ['AQ.=', '01'],
    ['/+A=', 'ffe0'],
    [' A Q\t\n\v\f\r= = ', '01'],
    ['AR==', '01'],
    ['AQ=', undefined],
    ['AQ===', undefined],
    ['AQI==', undefined],
    ['AQID=', undefined],
    ['=', undefined],
    ['A', undefined],
    ['AQIDA', undefined],
    ['a-_b', undefined],
    ['AQ==AQ==', undefined],
    ['!!!', undefined],
    ['AQ\xa0', undefined],
  ])('decodes %j', (text, expected) => {
    expect(decode(text)).toBe(expected);
  });
});

describe('encodeBase64Into', () => {
  it('writes padded standard base64 that decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const target = new Uint8Array(bytes.length * 2 + 8);
        const text = Buffer.from(target.subarray(0, encodeBase64Into(bytes, 0, bytes.length, target, 0))).toString(
          'latin1',
        );
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(decode(text)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });
});
