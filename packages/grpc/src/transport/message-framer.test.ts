import { BufferPool } from '@serving/core/batching';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameMessage, MessageUnframer, type UnframedMessage } from './message-framer.js';

function framed(flag: number, content: Uint8Array): Buffer {
  const header = Buffer.of(flag, 0, 0, 0, 0);
  header.writeUInt32BE(content.length, 1);
  return Buffer.concat([header, content]);
}

const bytes = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7) & 255));

/** What comes out of bytes that are cut at these places. */
function unframed(whole: Buffer, cuts: readonly number[], buffers = new BufferPool(0)): UnframedMessage[] {
  const found: UnframedMessage[] = [];
  const unframer = new MessageUnframer(2 ** 31 - 1, buffers, (message) => found.push(message));
  const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  for (let i = 1; i < places.length; i++) unframer.push(Buffer.from(whole.subarray(places[i - 1], places[i])));
  expect(unframer.isWithinMessage).toBe(false);
  return found;
}

describe('frameMessage', () => {
  it.each([0, 1, 1000, 32 * 1024, 32 * 1024 + 1, 200_000])('puts a header in front of %d bytes', (length) => {
    expect(Buffer.concat(frameMessage(bytes(length)))).toEqual(framed(0, bytes(length)));
  });

  it('does not copy a large message', () => {
    const content = bytes(100_000);
    expect(frameMessage(content)[1]!.buffer).toBe(content.buffer);
  });
});

describe('MessageUnframer', () => {
  it('finds the messages wherever they are cut', () => {
    const messages = fc.array(fc.tuple(fc.nat(255), fc.oneof(fc.nat(20), fc.nat(60_000))), { maxLength: 4 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(250_000), { maxLength: 12 }), (list, cuts) => {
        const whole = Buffer.concat(list.map(([flag, length]) => framed(flag, bytes(length))));
        const found = unframed(whole, cuts);
        expect(found.map(({ flag, content }) => [flag, content.length])).toEqual(list);
        for (const { content } of found) expect(content.equals(bytes(content.length))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('gives a view of the piece that holds a whole message, and lends nothing for it', () => {
    let found: UnframedMessage | undefined;
    const piece = framed(0, bytes(100));
    new MessageUnframer(100, new BufferPool(), (message) => {
      found = message;
    }).push(piece);
    expect(found!.content.buffer).toBe(piece.buffer);
    expect(found!.memory).toBeUndefined();
  });

  it('puts a large message into memory of the pool, the same for the next one once it is given back', () => {
    const buffers = new BufferPool();
    const whole = framed(0, bytes(300_000));
    const [first] = unframed(whole, [16_384, 100_000], buffers);
    buffers.give(first!.memory!);
    const [second] = unframed(whole, [50_000], buffers);
    expect(second!.memory).toBe(first!.memory);
    expect(second!.content.equals(bytes(300_000))).toBe(true);
  });

  it('takes memory for no more than 64 times what has come of a long message', () => {
    const taken: number[] = [];
    const buffers = new BufferPool();
    const take = buffers.take.bind(buffers);
    buffers.take = (length) => {
      taken.push(length);
      return take(length);
    };
    const unframer = new MessageUnframer(2 ** 31 - 1, buffers, () => expect.unreachable());
    const header = Buffer.of(0, 0x7f, 0xff, 0xff, 0xff);
    unframer.push(header);
    unframer.push(Buffer.alloc(1000));
    expect(taken).toEqual([]);
    unframer.push(Buffer.alloc(16_384));
    expect(taken).toEqual([64 * 17_384]);
    unframer.discard();
    expect(buffers.keptBytes).toBe(2 ** 21);
  });

  it('refuses a message beyond the limit by its header', () => {
    const unframer = new MessageUnframer(1000, new BufferPool(), () => expect.unreachable());
    expect(() => unframer.push(Buffer.of(0, 0, 0, 3, 233))).toThrow(
      expect.objectContaining({ code: 8, details: 'Received message larger than max (1001 vs 1000)' }),
    );
  });

  it('knows whether it is within a message', () => {
    const unframer = new MessageUnframer(1000, new BufferPool(), () => undefined);
    expect(unframer.isWithinMessage).toBe(false);
    unframer.push(Buffer.of(0, 0));
    expect(unframer.isWithinMessage).toBe(true);
    unframer.push(Buffer.of(0, 0, 1));
    expect(unframer.isWithinMessage).toBe(true);
    unframer.push(Buffer.of(9));
    expect(unframer.isWithinMessage).toBe(false);
  });
});
