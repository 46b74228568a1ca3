import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncomingMessages, jsonBody, OutgoingMessages } from './message-buffer.js';

interface Seen {
  readonly kind: number;
  readonly id: number;
  readonly number: number;
  readonly body: readonly number[];
}

function receiver() {
  const seen: Seen[] = [];
  const incoming = new IncomingMessages(({ kind, id, number, words }) =>
    seen.push({ kind, id, number, body: [...words] }),
  );
  const receive = (bytes: Uint8Array): boolean => {
    incoming.buffer.set(bytes);
    return incoming.receive(bytes.length);
  };
  return { seen, receive };
}

describe('messages', () => {
  it('arrive whole and in order, wherever the stream is cut', () => {
    const message = fc.record({
      kind: fc.nat(20),
      id: fc.nat(),
      number: fc.nat(),
      body: fc.array(fc.nat(), { maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (messages, cuts) => {
        const outgoing = new OutgoingMessages();
        for (const { kind, id, number, body } of messages) outgoing.addWords(kind, id, number, body);
        const { seen, receive } = receiver();
        let at = 0;
        for (let i = 0; at < outgoing.length; i++) {
          const end = Math.min(at + cuts[i % cuts.length]!, outgoing.length);
          expect(receive(outgoing.bytes.subarray(at, end))).toBe(true);
          at = end;
        }
        expect(seen.map(({ kind, id, number }) => [kind, id, number])).toEqual(
          messages.map(({ kind, id, number }) => [kind, id, number]),
        );
        // A body is padded to a multiple of eight bytes.
        for (const [i, { body }] of messages.entries()) expect(seen[i]!.body.slice(0, body.length)).toEqual(body);
      }),
    );
  });

  it('carry JSON of any length', () => {
    const outgoing = new OutgoingMessages();
    const values = ['', 'é', { a: ['x'.repeat(1000)] }];
    for (const value of values) outgoing.addJson(1, 7, value);
    const read: unknown[] = [];
    const incoming = new IncomingMessages((message) => void read.push(jsonBody(message)));
    incoming.buffer.set(outgoing.bytes.subarray(0, outgoing.length));
    expect(incoming.receive(outgoing.length)).toBe(true);
    expect(read).toEqual(values);
  });

  it.each([
    ['none', 0],
    ['less than its header', 8],
    ['no multiple of eight', 20],
    ['more than any has', 2 ** 31],
  ])('with a size of %s are refused', (_, size) => {
    const { seen, receive } = receiver();
    expect(receive(new Uint8Array(Uint32Array.of(size, 1, 1, 1).buffer))).toBe(false);
    expect(seen).toEqual([]);
  });
});
