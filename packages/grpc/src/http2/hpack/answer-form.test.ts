import { describe, expect, it } from 'vitest';
import { AnswerEncoder, AnswerForm } from './answer-form.js';
import { HpackDecoder } from './hpack-decoder.js';
import { encodeLiterals, type HeaderFields } from './hpack-encoder.js';

const headers: HeaderFields = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
  ['a', '1'],
];
const trailers: HeaderFields = [
  ['grpc-status', '0'],
  ['b', '2'],
];
const form = new AnswerForm(headers, trailers);

/** An encoder, and what its peer makes of its blocks. */
function pair(): { encoder: AnswerEncoder; read(block: Buffer): string[] | undefined } {
  const decoder = new HpackDecoder(1000);
  return { encoder: new AnswerEncoder(form), read: (block) => decoder.decode(block, 0, block.length) };
}

describe('AnswerEncoder', () => {
  it.each<[string, string]>([
    ['one answer after the other', 'htht'],
    ['headers of several answers first', 'hhhtththt'],
    ['other blocks between them', 'ohothotth'],
    ['trailers first', 'thtt'],
  ])('says the same each time, in few bytes from the second time on: %s', (_, order) => {
    const { encoder, read } = pair();
    const seen = new Set<string>();
    for (const kind of order) {
      const block =
        kind === 'h'
          ? encoder.headers()
          : kind === 't'
            ? encoder.trailers()
            : encoder.other(encodeLiterals([['o', '3']]));
      const fields = kind === 'h' ? headers : kind === 't' ? trailers : [['o', '3']];
      expect(read(block)).toEqual(fields.flat());
      if (kind !== 'o' && seen.has(kind) && seen.has('h'))
        expect(block.length).toBeLessThanOrEqual(Math.max(fields.length, form.trailers.literals.length));
      seen.add(kind);
    }
    expect(encoder.headers()).toHaveLength(3);
    encoder.trailers();
    expect(encoder.trailers()).toHaveLength(2);
  });

  it.each([0, 100, form.tableBytes - 1, form.tableBytes, 1000])(
    'keeps to a table of %d bytes that a peer asks for, before its first answer and later',
    (bytes) => {
      for (const order of ['|htht', 'h|tht', 'ht|htht', 'hto|otht']) {
        const { encoder, read } = pair();
        for (const kind of order) {
          if (kind === '|') encoder.limitTable(bytes);
          else if (kind === 'h') expect(read(encoder.headers())).toEqual(headers.flat());
          else if (kind === 't') expect(read(encoder.trailers())).toEqual(trailers.flat());
          else expect(read(encoder.other(encodeLiterals([['o', '3']])))).toEqual(['o', '3']);
        }
      }
    },
  );

  it('tells a peer of a smaller table once, at the start of its next block', () => {
    const { encoder } = pair();
    encoder.limitTable(0);
    expect(encoder.headers()[0]).toBe(0x20);
    expect(encoder.headers()).toEqual(form.headers.literals);
    encoder.limitTable(4096);
    expect(encoder.headers()).toEqual(form.headers.literals);
  });
});
