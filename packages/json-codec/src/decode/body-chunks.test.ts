import { BufferPool } from '@serving/core/batching';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../signature.test-support.js';
import { readJoined } from './body-chunks.js';
import { decodePredictRequest } from './predict-request-decoder.js';

/** A text cut at these places. */
function piecesOf(text: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

describe('readJoined', () => {
  const pool = new BufferPool();

  it('hands on a body of one piece as it is', () => {
    const body = Buffer.from('{}');
    readJoined(body, (text) => expect(text).toBe(body));
    readJoined([body], (text) => expect(text).toBe(body));
  });

  it('joins pieces in their order, wherever a body is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, cuts) => {
        readJoined(piecesOf(bytes, cuts), (text) => expect(Buffer.from(text)).toEqual(Buffer.from(bytes)), pool);
      }),
    );
  });

  it('keeps a text apart from one that is read while it is in use', () => {
    const read = (letter: number, then: () => void): void =>
      readJoined(
        [Buffer.alloc(20_000, letter), Buffer.alloc(20_000, letter)],
        (text) => {
          then();
          expect(text.every((byte) => byte === letter)).toBe(true);
        },
        pool,
      );
    read(0x61, () => read(0x62, () => {}));
  });

  it('joins each text in the memory of the one before', () => {
    const seen = [1, 2].map((letter) =>
      readJoined([Buffer.alloc(20_000, letter), Buffer.alloc(20_000, letter)], ({ buffer }) => buffer, pool),
    );
    expect(seen[1]).toBe(seen[0]);
  });

  it('is ready for the next body after one that could not be read', () => {
    const fail = (): never => {
      throw new Error('unreadable');
    };
    const before = pool.keptBytes;
    expect(() => readJoined([Buffer.from('a'), Buffer.alloc(40_000)], fail, pool)).toThrow('unreadable');
    expect(pool.keptBytes).toBe(before);
    readJoined([Buffer.from('c'), Buffer.from('d')], (text) => expect(Buffer.from(text).toString()).toBe('cd'), pool);
  });

  it('reads a body of many megabytes', () => {
    const half = Buffer.alloc(5 * 1024 * 1024, 0x20);
    readJoined([half, half, Buffer.from('.')], (text) => {
      expect(text.length).toBe(2 * half.length + 1);
      expect(text.at(-1)).toBe(0x2e);
    });
  });
});

describe('decodePredictRequest of a body in pieces', () => {
  const signature = signatureOf({ id: 'int64', name: 'string', weight: 'float' });
  const buffers = new BufferPool();
  const text = '{"instances": [{"id": 9007199254740993, "name": {"b64": "YWJj"}, "weight": -1.5e-3}]}';
  // Long enough for the pool to keep its memory.
  const body = Buffer.from(text.padEnd(20_000));
  const whole = decodePredictRequest(body, () => signature);

  it('makes the same tensors as of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(decodePredictRequest(piecesOf(body, cuts), () => signature, { buffers })).toEqual(whole);
      }),
    );
  });

  it('makes tensors that a later body leaves alone', () => {
    const first = decodePredictRequest(piecesOf(body, [20, 40]), () => signature, { buffers });
    const other = Buffer.from(body.toString().replace('YWJj', 'eHl6').replace('993', '111').replace('1.5', '7.5'));
    decodePredictRequest(piecesOf(other, [30]), () => signature, { buffers });
    expect(first).toEqual(whole);
  });

  it('reports the same offset of an error', () => {
    const broken = piecesOf(Buffer.from('{"instances": [1, 2,, 3]}'), [5, 17]);
    expect(() => decodePredictRequest(broken, () => signature, { buffers })).toThrow(
      'JSON Parse error: Invalid value. at offset: 20',
    );
  });
});
