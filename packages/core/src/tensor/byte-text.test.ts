import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFromText, textFromBytes } from './byte-text.js';

describe('textFromBytes', () => {
  it.each([
    ['nothing', [], ''],
    ['ASCII', [0x61, 0x00, 0x7f], 'a\0\x7f'],
    ['characters of two, three and four bytes', [0xc3, 0xa9, 0xe4, 0xb8, 0xad, 0xf0, 0x9f, 0x98, 0x80], 'é中😀'],
    ['a byte-order mark', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    ['a byte that begins no character', [0x61, 0xff, 0x62], 'a\udcffb'],
    ['a continuation alone', [0x80], '\udc80'],
    ['a character cut off', [0xe4, 0xb8, 0x61], '\udce4\udcb8a'],
    ['a character cut off by the end', [0xf0, 0x9f, 0x98], '\udcf0\udc9f\udc98'],
    ['an overlong form', [0xc0, 0xaf], '\udcc0\udcaf'],
    ['a surrogate', [0xed, 0xb0, 0x80], '\udced\udcb0\udc80'],
    ['what is beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['a pair before a bad byte', [0xf0, 0x9f, 0x98, 0x80, 0x80], '😀\udc80'],
  ])('reads %s', (_, bytes, text) => {
    expect(textFromBytes(Uint8Array.from(bytes))).toBe(text);
  });

  it('agrees with the platform on what is UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const replaced = textFromBytes(bytes).replace(/[\udc80-\udcff]+/gu, '\ufffd');
        const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replace(/\ufffd+/g, '\ufffd');
        expect(replaced.replace(/\ufffd+/g, '\ufffd')).toBe(expected);
      }),
    );
  });
});

describe('bytesFromText', () => {
  it('gives back what textFromBytes read, whatever it was', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc
        .array(
          fc.constantFrom('a', 'é', '😀', '\ufeff').map((text) => Buffer.from(text)),
          { maxLength: 9 },
        )
        .chain((texts) => fc.uint8Array({ maxLength: 3 }).map((tail) => Buffer.concat([...texts, tail, ...texts]))),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        expect(Buffer.from(bytesFromText(textFromBytes(given)))).toEqual(Buffer.from(given));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['text', 'é', 'c3a9'],
    ['halves of a pair that are not escapes', 'a\ud83d\udc01', '61f09f9081'],
    ['a first half alone', '\ud83dx', 'efbfbd78'],
    ['a second half alone that is not an escape', '\ude00', 'efbfbd'],
    ['an escape after a first half, which is a pair', '\ud83d\udc80', 'f09f9280'],
  ])('writes %s', (_, text, hex) => {
    expect(Buffer.from(bytesFromText(text)).toString('hex')).toBe(hex);
  });
});
