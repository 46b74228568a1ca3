import type { StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../signature.test-support.js';
import { ResolvedOnce } from '../predict-request-decoder.js';
import { decodeUsually } from './decode-usually.test-support.js';

function scanned(text: string | Buffer): StringArray | undefined {
  const body = Buffer.concat([Buffer.from('{"inputs":'), Buffer.from(text), Buffer.from('}')]);
  const request = decodeUsually(body, new ResolvedOnce(() => signatureOf({ x: 'string' })));
  return request?.inputs.x?.data as StringArray | undefined;
}

/** Plain text of any length with something else here and there. */
const longText: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.nat(40), fc.nat(700), fc.constantFrom(127, 128, 129, 511, 512, 639, 640, 2_700, 100_000)),
      fc.constantFrom('', '', '"', '\\', '\n', '\t', 'é', '😀', '/'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.map(([count, odd]) => 'plain!~#'.repeat(count / 8 + 1).slice(0, count) + odd).join(''));

describe('StringRunReader', () => {
  it('reads strings of any length, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(longText, { minLength: 1, maxLength: 3 }), (texts) => {
        const strings = scanned(JSON.stringify(texts))!;
        expect(texts.map((_, i) => Buffer.from(strings.at(i)).toString())).toEqual(texts);
      }),
      { numRuns: 300 },
    );
  });

  it('gives up on a control character anywhere, and on a string without an end', () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.nat(3_000), fc.integer({ min: 0, max: 0x1f }), (before, after, byte) => {
        const text = Buffer.from(`["${'a'.repeat(before)}?${'b'.repeat(after)}"]`);
        expect(scanned(text)?.length).toBe(1);
        expect(scanned(text.subarray(0, -2))).toBeUndefined();
        text[before + 2] = byte;
        expect(scanned(text)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
