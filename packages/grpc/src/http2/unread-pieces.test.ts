import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptPiece, UnreadPieces } from './unread-pieces.js';

describe('UnreadPieces', () => {
  it('has the bytes in the order in which they came, whatever is taken between them', () => {
    const step = fc.oneof(fc.constant('shift' as const), fc.oneof(fc.nat(20), fc.nat(5000), fc.nat(40_000)));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const pieces = new UnreadPieces();
        const [came, taken]: Buffer[][] = [[], []];
        for (const [i, length] of steps.entries()) {
          const piece = length === 'shift' ? pieces.shift() : Buffer.alloc(length, i);
          if (piece === undefined) continue;
          if (length === 'shift') taken!.push(piece);
          else pieces.push(piece);
          if (length !== 'shift') came!.push(piece);
        }
        for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) taken!.push(piece);
        expect(Buffer.concat(taken!).equals(Buffer.concat(came!))).toBe(true);
      }),
    );
  });

  it('puts small pieces together', () => {
    const pieces = new UnreadPieces();
    for (let i = 0; i < 1000; i++) pieces.push(Buffer.of(i & 255));
    expect(pieces.shift()).toHaveLength(1000);
    expect(pieces.shift()).toBeUndefined();
  });
});

it('a kept piece holds no more than twice its bytes', () => {
  const chunk = Buffer.alloc(64 * 1024);
  expect(keptPiece(chunk.subarray(0, 40_000)).buffer).toBe(chunk.buffer);
  expect(keptPiece(chunk.subarray(0, 10_000)).buffer.byteLength).toBe(10_000);
});
