import { describe, expect, it } from 'vitest';
import type { Initializer } from './onnx-messages.js';
import { layOutWeights } from './weights-file.js';

const inMemory = (name: string, bytes: Uint8Array): Initializer => ({
  name,
  dtype: 'uint8',
  shape: [bytes.length],
  bytes,
});
const inFile = (name: string, length: number): Initializer => ({
  name,
  dtype: 'uint8',
  shape: [length],
  external: { location: 'elsewhere', offset: 0, length },
});

describe('layOutWeights', () => {
  it('leaves small constants in the model', () => {
    const small = inMemory('n0', new Uint8Array(255));
    expect(layOutWeights([small], new Map(), 'w')).toEqual({ initializers: [small], parts: [] });
  });

  it('places tensors of files and of memory one after the other, large ones at a page', () => {
    const bytes = new Uint8Array(2 ** 20);
    const file = { path: '/model/variables', offset: 7, length: 300 };
    const { initializers, parts } = layOutWeights(
      [inFile('n0', 300), inMemory('n1', bytes.subarray(0, 256)), inMemory('n2', bytes)],
      new Map([['n0', file]]),
      'model.onnx.data',
    );
    expect(initializers.map(({ external }) => external)).toEqual([
      { location: 'model.onnx.data', offset: 0, length: 300 },
      { location: 'model.onnx.data', offset: 320, length: 256 },
      { location: 'model.onnx.data', offset: 4096, length: 2 ** 20 },
    ]);
    expect(parts.map(({ offset }) => offset)).toEqual([0, 320, 4096]);
    expect(parts.map(({ source }) => source.length)).toEqual([300, 256, 2 ** 20]);
  });

  it('writes the same bytes of a file once', () => {
    const file = { path: '/model/variables', offset: 0, length: 400 };
    const files = new Map([
      ['n0', file],
      ['n1', { ...file }],
    ]);
    const { initializers, parts } = layOutWeights([inFile('n0', 400), inFile('n1', 400)], files, 'w');
    expect(parts).toHaveLength(1);
    expect(initializers.map(({ external }) => external!.offset)).toEqual([0, 0]);
  });
});
