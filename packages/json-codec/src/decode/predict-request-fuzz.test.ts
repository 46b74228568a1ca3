import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../numbers/exact-decimals.test-support.js';
import { signatureOf } from '../signature.test-support.js';
import { fuzzedBody } from './fuzzed-bodies.test-support.js';
import { decodePredictRequest } from './predict-request-decoder.js';

/** How many bodies: `FUZZ_CASES`, or few. */
const FUZZ_CASES = Number(process.env.FUZZ_CASES ?? 20_000);
const BATCH = 500;

const ownNames = (): readonly string[] =>
  [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) => Object.getOwnPropertyNames(prototype));

const heldBytes = ({ data }: Tensor): number =>
  data instanceof StringArray ? data.bytes.buffer.byteLength + data.offsets.buffer.byteLength : data.buffer.byteLength;

/** What became of a body: the number of bytes that its tensors hold, or the error's code. */
function outcome(body: Uint8Array, inputs: Parameters<typeof signatureOf>[0]): number | string {
  try {
    const decoded = decodePredictRequest(body, () => signatureOf(inputs));
    expect(Object.getPrototypeOf(decoded.inputs)).toBeNull();
    return Object.values(decoded.inputs).reduce((sum, tensor) => sum + heldBytes(tensor), 0);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return error.code;
  }
}

describe('decodePredictRequest', () => {
  it('decodes any mutated body, within memory that grows with it, or refuses it', { timeout: 3_600_000 }, () => {
    const names = ownNames();
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomOf(seed);
        for (let i = 0; i < BATCH; i++) {
          const { inputs, body } = fuzzedBody(random);
          const result = outcome(body, inputs);
          const kind = typeof result === 'number' ? 'decoded' : result;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          if (typeof result === 'number' && result > 4096 * 3 + body.length * 16) {
            expect.fail(`${result} bytes are held for ${Buffer.from(body).toString('latin1')}`);
          }
        }
      }),
      { numRuns: FUZZ_CASES / BATCH, endOnFailure: true },
    );
    expect(ownNames()).toEqual(names);
    const { decoded, INVALID_ARGUMENT, ...others } = Object.fromEntries(seen);
    expect(INVALID_ARGUMENT).toBeGreaterThan(FUZZ_CASES / 20);
    // TensorFlow Serving answers a half in `inputs` with UNIMPLEMENTED.
    expect(['UNIMPLEMENTED']).toEqual(expect.arrayContaining(Object.keys(others)));
    expect(decoded).toBeGreaterThan(FUZZ_CASES / 20);
  });

  it.each<[string, string, string]>([
    ['nesting in a value', '{"instances":', '['],
    ['nesting in an ignored member', '{"instances":[1],"other":', '{"a":'],
    ['one list after the other', '{"instances":[', '[1],'],
    ['one empty list after the other', '{"instances":[', '[],'],
    ['white space', '{"instances":[1', ' '],
    ['digits', '{"instances":[0.', '7'],
    ['exponent digits', '{"instances":[1e', '0'],
    ['long numbers', '{"instances":[', `0.${'3'.repeat(290)},`],
    ['subnormal numbers', '{"instances":[', '1.5e-310,'],
    ['midpoints', '{"instances":[', '9007199254740992.99999999,'],
    ['quotation marks', '{"instances":["', '\\"'],
    ['keys', '{', '"signature_name_":1,'],
    ['keys of one row', '{"instances":[{', '"x":1,'],
    ['rows', '{"instances":[', '{"x":1},'],
    ['rows with two values', '{"instances":[', '{"x":1,"x":1},'],
    ['escapes', '{"instances":["', '\\u005f'],
  ])('refuses two million bytes of %s', (_, head, piece) => {
    const body = Buffer.from(head + piece.repeat(2_000_000 / piece.length));
    expect(outcome(body, { x: 'float' })).toBe('INVALID_ARGUMENT');
    expect(outcome(body, { x: 'string' })).toBe('INVALID_ARGUMENT');
  });
});
