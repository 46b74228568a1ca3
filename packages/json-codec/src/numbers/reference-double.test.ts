import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceDouble } from './reference-double.js';

const read = (token: string): number => referenceDouble(Buffer.from(token), 0, token.length);

describe('referenceDouble', () => {
  it.each<[string, number]>([
    ['-0.0', -0],
    ['1e-50', 9.999999999999999e-51],
    ['123456789012345.6789', 123456789012345.7],
    ['1234567890.123456789', 1234567890.123457],
    ['999999999.9999999999', 1000000000.0000001],
    ['900719925.4740993', 900719925.4740992],
    ['-922337203685.4775808', -922337203685.4778],
    ['123456789012345678901234567890', 1.2345678901234566e29],
    ['18446744073709551616', 2 ** 64],
    ['-9223372036854775809', -(2 ** 63)],
    ['0.00000000000000000000012345678901234567890', 1.2345678901234568e-22],
    ['12345678901234567890.5e-3', 12345678901234568],
    ['-1.5e-3', -0.0015],
    ['1e-400', 0],
    ['1e-99999999999', 0],
    ['123e-309', 1.23e-307],
    ['1.8e308', Number.POSITIVE_INFINITY],
  ])('reads %s as %d', (token, value) => {
    expect(read(token)).toBe(value);
  });

  it('is correct for up to 15 digits and a small exponent', () => {
    const token = fc
      .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.nat(20))
      .map(([negative, digits, places]) => {
        const text = String(digits).padStart(places + 1, '0');
        const point = text.length - places;
        return `${negative ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}0`;
      });
    fc.assert(
      fc.property(token, (text) => {
        expect(read(text)).toBe(Number(text));
      }),
    );
  });
});
