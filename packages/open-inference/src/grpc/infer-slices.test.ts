import { StringArray, type Tensor } from '@serving/core/tensor';
import { SLICE_BYTES } from '@serving/json-codec';
import { GeneratedWork } from '@serving/json-codec/internal';
import { PARTS_AT_ONCE, type ReadingPace, withoutPause } from '@serving/protos/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InferRequest } from '../infer/infer-message.js';
import { decodeInferRequest } from '../json/infer-request-decoder.js';
import { bytesOf } from '../protocol-server.test-support.js';
import { readInferRequest, readInferRequestMessage } from './infer-request-message.js';
import { encodeMessage } from './protocol-client.test-support.js';

const COUNT = 200_000;

function* read(pace: ReadingPace, bytes: Uint8Array): Generator<void, InferRequest> {
  return yield* readInferRequest(pace, yield* readInferRequestMessage(pace, bytes));
}

/** What steps return, and how many slices they took. */
function all<T>(steps: Iterator<void, T>): { readonly result: T; readonly slices: number } {
  for (let slices = 1; ; slices++) {
    const { done, value } = steps.next();
    if (done) return { result: value, slices };
  }
}

const inSlices = (bytes: Uint8Array) => all(read({ left: PARTS_AT_ONCE }, bytes));
const inOneGo = (bytes: Uint8Array): InferRequest => {
  const { result, slices } = all(read(withoutPause(), bytes));
  expect(slices).toBe(1);
  return result;
};

const request = (datatype: string, contents: object): Uint8Array =>
  encodeMessage('ModelInferRequest', {
    modelName: 'D',
    inputs: [{ name: 'x', datatype, shape: [COUNT], contents }],
  });

const rawRequest = (datatype: string, bytes: Uint8Array): Uint8Array =>
  encodeMessage('ModelInferRequest', {
    modelName: 'D',
    inputs: [{ name: 'x', datatype, shape: [COUNT] }],
    rawInputContents: [bytes],
  });

const valuesOf = (data: Tensor['data']): Buffer => bytesOf(data instanceof StringArray ? data.bytes : data);

const field = (tag: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(tag), varint(content.length), content]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.of(...bytes, rest);
}

/** `x` with contents in which each value has a field of its own. */
function unpacked(datatype: string, each: Buffer): Buffer {
  const contents = Buffer.alloc(COUNT * each.length);
  for (let i = 0; i < COUNT; i++) contents.set(each, i * each.length);
  const head = [field(0x0a, Buffer.from('x')), field(0x12, Buffer.from(datatype)), field(0x1a, varint(COUNT))];
  return Buffer.concat([field(0x0a, Buffer.from('D')), field(0x2a, Buffer.concat([...head, field(0x2a, contents)]))]);
}

const many = <T>(value: T): T[] => new Array<T>(COUNT).fill(value);
/** So many elements "a". */
const letters = Buffer.alloc(5 * COUNT, Buffer.from('0100000061', 'hex'));

describe('a large ModelInferRequest', () => {
  it.each<[string, Uint8Array, unknown, number]>([
    ['packed integers of ten bytes', request('INT64', { int64Contents: many(-1) }), -1n, 10],
    ['packed integers that are narrowed', request('INT8', { intContents: many(-5) }), -5, 10],
    ['fields of one integer each', unpacked('UINT16', Buffer.of(0x20, 7)), 7, 2],
    ['fields of one float each', unpacked('FP32', Buffer.from('350000803f', 'hex')), 1, 2],
    ['elements of bytes', request('BYTES', { bytesContents: many(Buffer.from('a')) }), Buffer.from('a'), 2],
    ['raw elements of bytes', rawRequest('BYTES', letters), Buffer.from('a'), 1],
    ['a list of floats', request('FP32', { fp32Contents: many(1) }), 1, 0],
    ['raw floats', rawRequest('FP32', bytesOf(new Float32Array(COUNT).fill(1))), 1, 0],
  ])('is read as in one go, about 65536 parts a slice: %s', (_, bytes, value, partsOfValue) => {
    const { result, slices } = inSlices(bytes);
    const { data, shape } = result.inputs[0]!.tensor;
    const { data: whole } = inOneGo(bytes).inputs[0]!.tensor;
    expect([shape, data.length]).toEqual([[COUNT], COUNT]);
    expect(Buffer.compare(valuesOf(data), valuesOf(whole))).toBe(0);
    expect(data instanceof StringArray ? Buffer.from(data.at(COUNT - 1)) : data[COUNT - 1]).toEqual(value);
    if (partsOfValue === 0) expect(slices).toBe(1);
    else expect(slices).toBeGreaterThanOrEqual(Math.floor((partsOfValue * COUNT) / PARTS_AT_ONCE));
  });

  it.each<[string, Buffer]>([
    ['the request', Buffer.alloc(2 * COUNT, Buffer.of(0x78, 1))],
    ['an input', field(0x2a, Buffer.alloc(2 * COUNT, Buffer.of(0x78, 1)))],
    ['a parameter', field(0x22, Buffer.alloc(2 * COUNT, Buffer.of(0x78, 1)))],
  ])('is read in slices where %s has many unknown fields', (_, bytes) => {
    const steps = read({ left: PARTS_AT_ONCE }, bytes);
    let slices = 1;
    expect(() => {
      for (; !steps.next().done; slices++);
      throw new Error('read');
    }).toThrow();
    expect(slices).toBeGreaterThanOrEqual(Math.floor(COUNT / PARTS_AT_ONCE));
  });

  it('is read in slices where it has many inputs', () => {
    const inputs = Array.from({ length: 20_000 }, (_, i) => ({
      name: String(i),
      datatype: 'BOOL',
      shape: [0],
      contents: {},
    }));
    const { result, slices } = inSlices(encodeMessage('ModelInferRequest', { inputs }));
    expect(result.inputs).toHaveLength(20_000);
    expect(slices).toBeGreaterThanOrEqual(9);
  });

  it.each([0x22, 0x2a, 0x32, 0x3a])('has at most 65536 parts of the tag %i', (tag) => {
    const part = Buffer.of(tag, 0);
    expect(() => inOneGo(Buffer.alloc(2 * (2 ** 16 + 1), part))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringContaining('more than 65536') }),
    );
  });

  it('agrees with the decoder in one go, and fails where it does', () => {
    const few = { maxLength: 6 };
    const contents = fc.record(
      {
        boolContents: fc.array(fc.boolean(), few),
        intContents: fc.array(fc.integer(), few),
        int64Contents: fc.array(fc.integer(), few),
        uintContents: fc.array(fc.nat(), few),
        fp32Contents: fc.array(fc.float(), few),
        bytesContents: fc.array(fc.uint8Array({ maxLength: 60 }), few),
      },
      { requiredKeys: [] },
    );
    const datatype = fc.constantFrom('BOOL', 'INT8', 'INT64', 'UINT32', 'FP32', 'BYTES', 'FP16', 'X');
    const shape = fc.array(fc.nat(3), { maxLength: 3 });
    const input = fc.record({ name: fc.constantFrom('x', 'y'), datatype, shape, contents });
    const inputs = fc.array(input, { maxLength: 3 });
    const raw = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 2 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(inputs, raw, changes, fc.integer({ min: 1, max: 40 }), (list, rawInputContents, mutations, left) => {
        const bytes = encodeMessage('ModelInferRequest', { modelName: 'D', inputs: list, rawInputContents });
        for (const [at, value] of mutations) bytes[at % bytes.length] = value;
        const outcome = (decode: () => InferRequest): unknown => {
          try {
            return decode();
          } catch {
            // Of two errors either may be found first.
            return 'an error';
          }
        };
        expect(outcome(() => all(read({ left }, bytes)).result)).toEqual(outcome(() => inOneGo(bytes)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a large binary tail over HTTP', () => {
  it('is read in slices where it has many elements', () => {
    const input = { name: 'x', shape: [COUNT], datatype: 'BYTES', parameters: { binary_data_size: letters.length } };
    const text = Buffer.from(JSON.stringify({ inputs: [input] }));
    const work = new GeneratedWork((budget) => decodeInferRequest(text, letters, budget), SLICE_BYTES);
    let slices = 1;
    for (; !work.step(); slices++);
    const { data } = work.result.request.inputs[0]!.tensor;
    expect(data.length).toBe(COUNT);
    expect(slices).toBeGreaterThanOrEqual(Math.floor(COUNT / PARTS_AT_ONCE));
  });
});
