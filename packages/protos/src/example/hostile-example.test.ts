/** Examples whose messages become far larger in memory than on the wire. */
import { describe, expect, it } from 'vitest';
import { decodeMultiInferenceRequest } from '../messages/inference.js';
import { decodeInput } from '../messages/input.js';
import { MessageLimit } from '../messages/message-limit.js';
import { decodeExample } from './example-decoder.js';
import { encodeExamples } from './example-encoder.js';

/** Field 1 of a message with nothing in it, over and over. */
const emptyFields = (count: number): Uint8Array => {
  const bytes = new Uint8Array(2 * count);
  for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x0a;
  return bytes;
};

/** Length-delimited, of any length. */
const field = (number: number, content: Uint8Array): Uint8Array => {
  const head = [(number << 3) | 2];
  let rest = content.length;
  for (; rest >= 128; rest >>>= 7) head.push((rest & 127) | 128);
  return Buffer.concat([Uint8Array.from([...head, rest]), content]);
};
const featureOf = (feature: Uint8Array): Uint8Array =>
  field(1, field(1, Buffer.concat([field(1, Buffer.from('x')), field(2, feature)])));

describe('decodeExample', () => {
  it('counts examples, features and byte strings', () => {
    const limit = new MessageLimit(5, 'things');
    const example = featureOf(field(1, emptyFields(1)));
    decodeExample(example, limit);
    expect(() => decodeExample(example, limit)).toThrow('the message has more than 5 things');
  });

  it('reads a list that comes in very many pieces, each read once', () => {
    const count = 300_000;
    const integers = featureOf(Buffer.concat(Array.from({ length: count }, () => field(3, Uint8Array.of(0x0a, 1, 7)))));
    const floats = featureOf(
      Buffer.concat(Array.from({ length: count }, () => field(2, Uint8Array.of(0x0d, 0, 0, 0x80, 0x3f)))),
    );
    const { values: sevens } = decodeExample(integers).get('x')!;
    const { values: ones } = decodeExample(floats).get('x')!;
    expect([sevens.length, sevens[0], sevens[count - 1]]).toEqual([count, 7n, 7n]);
    expect([ones.length, ones[0], ones[count - 1]]).toEqual([count, 1, 1]);
  });

  it('takes no object per integer', () => {
    const bytes = featureOf(field(3, field(1, new Uint8Array(4_000_000))));
    const before = process.memoryUsage().heapUsed;
    const { values } = decodeExample(bytes).get('x')!;
    expect(values).toBeInstanceOf(BigInt64Array);
    expect(values).toHaveLength(4_000_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });
});

describe('requests with examples', () => {
  it('have at most 2097152 examples, features and byte strings', () => {
    const tooMany = field(1, emptyFields(2 ** 21 + 1));
    expect(() => decodeInput(tooMany)).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }));
  });

  it('have at most 65536 tasks', () => {
    expect(() => decodeMultiInferenceRequest(emptyFields(65_537))).toThrow(
      'the message has more than 65536 names and tensors',
    );
  });

  it('have a context that is not copied without end', () => {
    const context = new Map([['c', { kind: 'bytes' as const, values: [new Uint8Array(600_000)] }]]);
    const examples = Array.from({ length: 1000 }, () => new Map());
    expect(() => encodeExamples({ examples, context })).toThrow(
      'A context of 600023 bytes for each of 1000 examples takes more than 536870912 bytes',
    );
  });
});
