import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStatusMessage } from './status-message.js';

describe('encodeStatusMessage', () => {
  it.each([
    ['plain text', 'No model "m": a, b & c!', 'No model "m": a, b & c!'],
    ['a percent sign', '100 %', '100%20%25'],
    ['a newline', 'a\nb', 'a%0Ab'],
    ['letters beyond ASCII', 'ä€', '%C3%A4%E2%82%AC'],
    ['blanks at the ends', ' a ', '%20a%20'],
    ['half of a surrogate pair', '\ud800', '%EF%BF%BD'],
    ['nothing', '', ''],
  ])('encodes %s', (_, text, expected) => {
    expect(encodeStatusMessage(text)).toBe(expected);
  });

  it.each([
    ['of ASCII', 'x'.repeat(20_000)],
    ['of three bytes a character', '€'.repeat(3000)],
    ['of four bytes a character', '😀'.repeat(2000)],
  ])('cuts a text %s to 7 KiB between two characters', (_, text) => {
    const encoded = encodeStatusMessage(text);
    expect(encoded.length).toBeLessThanOrEqual(7168);
    expect(encoded.length).toBeGreaterThan(7150);
    expect(text.startsWith(decodeURIComponent(encoded))).toBe(true);
  });

  it('gives visible ASCII that decodes to the text, without blanks at the ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const encoded = encodeStatusMessage(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(encoded).toBe(encoded.trim());
        expect(decodeURIComponent(encoded)).toBe(Buffer.from(text).toString());
      }),
    );
  });
});
