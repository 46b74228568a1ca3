import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexOfBytes, latin1Bytes, latin1Text, sameBytes } from './bytes.js';

const bytes = fc.uint8Array({ maxLength: 12, max: 3 });

it('texts of bytes have a character for each, and become the same bytes', () => {
  fc.assert(fc.property(fc.uint8Array(), (value) => sameBytes(latin1Bytes(latin1Text(value)), value)));
  expect(latin1Text(Uint8Array.of(0, 0x80, 0xff, 65), 1, 3)).toBe('\x80\xff');
});

it('bytes are the same as Buffer.compare says', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => sameBytes(a, b) === (Buffer.compare(a, b) === 0)));
});

it('bytes stand where Buffer.indexOf says', () => {
  fc.assert(
    fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 }), fc.nat(12), (value, wanted, start) => {
      const at = Math.min(start, value.length);
      expect(indexOfBytes(value, wanted, at)).toBe(Buffer.from(value).indexOf(wanted, at));
    }),
  );
});
