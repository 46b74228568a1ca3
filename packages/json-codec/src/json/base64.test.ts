import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64Into, decodeRawBase64Into, encodeBase64Into } from './base64.js';

function decode(text: string, decodeInto: typeof decodeBase64Into = decodeBase64Into): string | undefined {
  const target = new Uint8Array(text.length + 1);
  const end = decodeInto(Buffer.from(text, 'latin1'), target, 0);
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

/** The rule, character by character, in another way than the decoder's. */
function decodeSlowly(text: string): string | undefined {
  const match = /^([A-Za-z0-9+/]*)([=.]*)$/.exec(text.replace(/[ \t\n\v\f\r]/g, ''));
  if (match === null) return undefined;
  const [, digits = '', padding = ''] = match;
  const over = digits.length % 4;
  if (over === 1 || (padding !== '' && (over === 0 || padding.length !== 4 - over))) return undefined;
  return Buffer.from(digits, 'base64').toString('hex');
}

describe('decodeBase64Into long text', () => {
  it('keeps to the rule wherever the text is not canonical', () => {
    const odd = fc.constantFrom('', '', '-', '_', '=', '==', '.', '.=', ' ', '\n', 'A', 'AB', '\xff', '\0', '!', '+/');
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 200 }),
        fc.boolean(),
        fc.array(fc.tuple(odd, fc.nat(300)), { maxLength: 3 }),
        (bytes, padded, changes) => {
          let text = Buffer.from(bytes).toString('base64');
          if (!padded) text = text.replace(/=/g, '');
          for (const [piece, place] of changes) {
            const at = place % (text.length + 1);
            text = text.slice(0, at) + piece + text.slice(at);
          }
          expect(decode(text)).toBe(decodeSlowly(text));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('decodeRawBase64Into', () => {
  it.each([['AQID'], ['QUJD'.repeat(30)]])(
    'takes blanks in %s, but no white space that JSON wants to be escaped',
    (text) => {
      const spaced = (space: string): string => `${text.slice(0, 3)}${space}${text.slice(3)}${space}`;
      expect(decode(spaced(' '), decodeRawBase64Into)).toBe(decode(text));
      for (const space of ['\n', '\t', '\v', '\f', '\r', '\\n'])
        expect(decode(spaced(space), decodeRawBase64Into)).toBeUndefined();
      expect(decode(`${text.slice(0, -1)}=\n`, decodeRawBase64Into)).toBeUndefined();
    },
  );
});

describe('encodeBase64Into', () => {
  it('writes padded standard base64 that decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
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
