import type { DataType } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../signature.test-support.js';
import { bodyCases } from '../predict-bodies.test-support.js';
import { ResolvedOnce } from '../predict-request-decoder.js';
import { decodeUsually } from './decode-usually.test-support.js';
import { decodeFewNumbers } from './few-numbers-decoder.js';

const decode = (body: string, inputs: Readonly<Record<string, DataType>> = { x: 'float' }) =>
  decodeFewNumbers(Buffer.from(body), new ResolvedOnce(() => signatureOf(inputs)));

describe('decodeFewNumbers', () => {
  it('decodes what the decoder of usual bodies does, or leaves it to that', () => {
    const lists = fc.letrec<{ list: unknown }>((tie) => ({
      list: fc.array(fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -9, max: 300 }) }, tie('list')), {
        maxLength: 3,
      }),
    })).list;
    const text = fc.tuple(fc.constantFrom('instances', 'inputs'), lists, fc.constantFrom(undefined, 1, ' '));
    const own = text.map(([name, value, space]) => ({
      inputs: { x: 'int32' as DataType },
      body: Buffer.from(JSON.stringify({ [name]: value }, undefined, space)),
    }));
    let decodedCount = 0;
    fc.assert(
      fc.property(fc.oneof(own, bodyCases), ({ inputs, body }) => {
        const few = decodeFewNumbers(body, new ResolvedOnce(() => signatureOf(inputs)));
        if (few === undefined) return;
        decodedCount++;
        const { signature, ...usual } = decodeUsually(body, new ResolvedOnce(() => signatureOf(inputs)))!;
        expect({ format: few.format, inputs: few.inputs }).toEqual(usual);
      }),
      { numRuns: 2000 },
    );
    expect(decodedCount).toBeGreaterThan(100);
  });

  it.each([
    ['{"instances": [1, 2.5]}', [2], [1, 2.5]],
    ['\n{ "inputs" : [[1],\t[2]] } ', [2, 1], [1, 2]],
    ['{"inputs": 7}', [], [7]],
  ])('decodes %j', (body, shape, values) => {
    expect(decode(body)?.inputs.x).toEqual({ dtype: 'float', shape, data: Float32Array.from(values) });
  });

  it.each([
    ['a name of a signature', '{"instances": [1], "signature_name": "s"}'],
    ['strings', '{"instances": ["a"]}'],
    ['objects', '{"instances": [{"x": 1}]}'],
    ['a scalar in row format', '{"instances": 1}'],
    ['lists of several lengths', '{"instances": [[1], [1, 2]]}'],
    ['no end', '{"instances": [1]'],
    ['no values', '{"instances": []}'],
    ['more text than is short', `{"instances": [${'1,'.repeat(3000)}1]}`],
  ])('leaves a body with %s to the other decoders', (_, body) => {
    expect(decode(body)).toBeUndefined();
  });

  it.each([
    ['another number of inputs', { x: 'float', y: 'float' }],
    ['an input of strings', { x: 'string' }],
    ['an input of a type without a loop', { x: 'half' }],
  ] as const)('leaves a signature with %s to the other decoders', (_, inputs) => {
    expect(decode('{"instances": [1]}', inputs)).toBeUndefined();
  });
});
