import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelFor } from '../kernel-table.js';
import { recordedCases } from '../recorded-cases.test-support.js';

function filesOf(op: string): Buffer[] {
  const files = recordedCases('media').filter(([, recorded]) => recorded.op === op && recorded.in[0]![2].length === 1);
  return [...new Set(files.map(([, recorded]) => String(recorded.in[0]![2][0])))].map((text) =>
    Buffer.from(text, 'latin1'),
  );
}

function decode(op: string, file: Uint8Array): Tensor | ServingError {
  const context = { attributes: new Map() };
  try {
    return kernelFor(op)!(context)([{ dtype: 'string', shape: [], data: StringArray.from([file]) }], context)[0]!;
  } catch (error) {
    if (error instanceof ServingError) return error;
    throw error;
  }
}

describe.each(['DecodeJpeg', 'DecodePng', 'DecodeBmp'])('%s of a damaged file', (op) => {
  const file = fc.constantFrom(...filesOf(op));

  it('fails with INVALID_ARGUMENT or reads on when bytes differ', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(file, changes, (bytes, differences) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of differences) damaged[at % damaged.length] = value;
        const result = decode(op, damaged);
        if (result instanceof ServingError) expect(['INVALID_ARGUMENT', 'UNIMPLEMENTED']).toContain(result.code);
        else expect(result.data).toHaveLength(result.shape.reduce((product, size) => product * size, 1));
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it('fails with INVALID_ARGUMENT when it ends early', () => {
    fc.assert(
      fc.property(file, fc.double({ min: 0, max: 0.8, noNaN: true }), (bytes, share) => {
        const result = decode(op, bytes.subarray(0, Math.floor(bytes.length * share)));
        expect(result).toMatchObject({ code: 'INVALID_ARGUMENT' });
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});

describe('images that are not decoded', () => {
  it('a GIF is UNIMPLEMENTED', () => {
    expect(decode('DecodeImage', Buffer.from('GIF89a...'))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  it('a size beyond the limit is refused before memory is taken', () => {
    const [png] = filesOf('DecodePng') as [Buffer];
    const large = Buffer.from(png);
    large.writeUInt32BE(1_000_000, 16);
    large.writeUInt32BE(1_000_000, 20);
    expect(decode('DecodePng', large)).toMatchObject({
      message: "An image of 1000000 x 1000000 pixels can't be decoded; it must have 1 to 67108864 pixels",
    });
  });

  it('a ratio is refused at load', () => {
    const attributes = new Map([['ratio', { kind: 'int', value: 2n } as const]]);
    expect(() => kernelFor('DecodeJpeg')!({ attributes })).toThrow('decoding at a ratio of 1/2 is not supported');
  });
});
