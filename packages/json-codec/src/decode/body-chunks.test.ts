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
  it('hands on a body of one piece as it is', () => {
    const body = Buffer.from('{}');
    readJoined(body, (text) => expect(text).toBe(body));
    readJoined([body], (text) => expect(text).toBe(body));
  });

  it('joins pieces in their order, wherever a body is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, cuts) => {
        readJoined(piecesOf(bytes, cuts), (text) => expect(Buffer.from(text)).toEqual(Buffer.from(bytes)));
      }),
    );
  });

  it('keeps a text apart from one that is read while it is in use', () => {
    readJoined([Buffer.from('ou'), Buffer.from('ter')], (outer) => {
      readJoined([Buffer.from('in'), Buffer.from('ner')], (inner) =>
        expect(Buffer.from(inner).toString()).toBe('inner'),
      );
      expect(Buffer.from(outer).toString()).toBe('outer');
    });
  });

  it('is ready for the next body after one that could not be read', () => {
    const fail = (): never => {
      throw new Error('unreadable');
    };
    expect(() => readJoined([Buffer.from('a'), Buffer.from('b')], fail)).toThrow('unreadable');
    readJoined([Buffer.from('c'), Buffer.from('d')], (text) => expect(Buffer.from(text).toString()).toBe('cd'));
  });

  it('reads a body of more than it keeps memory for', () => {
    const half = Buffer.alloc(5 * 1024 * 1024, 0x20);
    readJoined([half, half, Buffer.from('.')], (text) => {
      expect(text.length).toBe(2 * half.length + 1);
      expect(text.at(-1)).toBe(0x2e);
    });
  });
});

describe('decodePredictRequest of a body in pieces', () => {
  const signature = signatureOf({ id: 'int64', name: 'string', weight: 'float' });
  const body = Buffer.from('{"instances": [{"id": 9007199254740993, "name": {"b64": "YWJj"}, "weight": -1.5e-3}]}');
  const whole = decodePredictRequest(body, () => signature);

  it('makes the same tensors as of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(decodePredictRequest(piecesOf(body, cuts), () => signature)).toEqual(whole);
      }),
    );
  });

  it('makes tensors that a later body leaves alone', () => {
    const first = decodePredictRequest(piecesOf(body, [20, 40]), () => signature);
    const other = Buffer.from(body.toString().replace('YWJj', 'eHl6').replace('993', '111').replace('1.5', '7.5'));
    decodePredictRequest(piecesOf(other, [30]), () => signature);
    expect(first).toEqual(whole);
  });

  it('reports the same offset of an error', () => {
    const broken = piecesOf(Buffer.from('{"instances": [1, 2,, 3]}'), [5, 17]);
    expect(() => decodePredictRequest(broken, () => signature)).toThrow(
      'JSON Parse error: Invalid value. at offset: 20',
    );
  });
});
