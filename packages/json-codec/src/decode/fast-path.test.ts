import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../signature.test-support.js';
import { inOneGo, UNLIMITED } from '../slicing/slice-budget.js';
import { decodeExactly } from './exact/slow-path-decoder.js';
import { decodeUsually } from './fast/decode-usually.test-support.js';
import { bodyCases } from './predict-bodies.test-support.js';
import { ResolvedOnce } from './predict-request-decoder.js';

const lookupFor = (inputs: Parameters<typeof signatureOf>[0], names: unknown[]): ResolvedOnce =>
  new ResolvedOnce((name) => {
    names.push(name);
    return signatureOf(inputs);
  });

function plain({ dtype, shape, data }: Tensor): unknown {
  const values =
    data instanceof StringArray
      ? Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('hex'))
      : Array.from<unknown, string>(data, (value) => (Object.is(value, -0) ? '-0' : String(value)));
  return { dtype, shape, type: data.constructor.name, values };
}

function plainInputs(inputs: Readonly<Record<string, Tensor>>): unknown[] {
  return Object.keys(inputs)
    .sort()
    .map((name) => [name, plain(inputs[name]!)]);
}

describe('FastPathDecoder', () => {
  it('gives up or decodes what the exact decoder does, asking for the same signature', () => {
    let decodedCount = 0;
    fc.assert(
      fc.property(bodyCases, ({ inputs, body }) => {
        const asked: unknown[] = [];
        const usual = decodeUsually(body, lookupFor(inputs, asked));
        expect(asked.length).toBeLessThanOrEqual(1);
        const askedExactly: unknown[] = [];
        try {
          const exact = inOneGo(decodeExactly(body, lookupFor(inputs, askedExactly), UNLIMITED));
          if (asked.length > 0) expect(asked).toEqual(askedExactly);
          if (usual === undefined) return;
          decodedCount++;
          expect(usual.format).toBe(exact.format);
          expect(plainInputs(usual.inputs)).toEqual(plainInputs(exact.inputs));
        } catch (error) {
          if (!(error instanceof ServingError)) throw error;
          expect(['INVALID_ARGUMENT', 'UNIMPLEMENTED']).toContain(error.code);
          expect(usual, `exact: ${error.message}`).toBeUndefined();
        }
      }),
      { numRuns: 2000 },
    );
    expect(decodedCount).toBeGreaterThan(80);
  });
});
