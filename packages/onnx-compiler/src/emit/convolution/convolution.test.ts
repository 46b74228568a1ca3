import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../graph/graph.js';
import { SmallGraph, type TestAttribute } from '../../graph/small-graph.test-support.js';
import type { Refusal } from '../../program/program.js';
import { inferShapes } from '../../shapes/infer-shapes.js';
import { emitModel } from '../emit-model.js';

/** Why a graph of one operation is refused; an empty list where it is written. */
function refusals(build: (g: SmallGraph) => Endpoint): string[] {
  const g = new SmallGraph();
  const graph = g.signature(build(g));
  inferShapes(graph);
  const found: Refusal[] = [];
  const inputs = graph.inputs.map(({ node }, value) => ({ source: { node, index: 0 }, value }));
  const outputs = graph.outputs.map(({ source }) => ({ source, value: inputs.length }));
  const options = { float64: 'refuse', guards: true, nan: 'onnx' } as const;
  emitModel({ inputs, outputs, guards: [] }, options, found);
  return found.map(({ op, reason }) => `${op}: ${reason}`);
}

const filter = (g: SmallGraph, shape: number[]) =>
  g.floats(shape, Array(shape.reduce((product, size) => product * size, 1)).fill(1));
const plain = { strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], padding: 'VALID', data_format: 'NHWC' };
const conv = (g: SmallGraph, shape: number[], of: number[], attributes: Record<string, TestAttribute> = {}) =>
  g.op('Conv2D', [g.input('x', shape), filter(g, of)], { ...plain, ...attributes });

describe('a convolution is refused', () => {
  it.each<[string, (g: SmallGraph) => Endpoint, string]>([
    [
      'for a window that does not fit',
      (g) => conv(g, [-1, 2, 8, 3], [3, 3, 3, 4]),
      'Conv2D: a window of 3 does not fit into a size of 2',
    ],
    [
      'for channels that the filter does not divide',
      (g) => conv(g, [-1, 8, 8, 4], [3, 3, 3, 4]),
      'Conv2D: input depth must be evenly divisible by filter depth: 4 vs 3',
    ],
    [
      'for channels that are not known',
      (g) => conv(g, [-1, 8, 8, -1], [3, 3, 3, 4]),
      'Conv2D: needs a known number of channels',
    ],
    [
      'for an image of unknown rank',
      (g) => g.op('Conv2D', [g.input('x', undefined), filter(g, [1, 1, 1, 1])], plain),
      'Conv2D: needs a known rank',
    ],
    [
      'for a packed data format',
      (g) => conv(g, [-1, 8, 8, 4], [3, 3, 4, 4], { data_format: 'NCHW_VECT_C' }),
      'Conv2D: no kernel for data format NCHW_VECT_C',
    ],
    [
      'for stride and dilation over unknown sizes',
      (g) =>
        conv(g, [-1, -1, -1, 3], [3, 3, 3, 4], { padding: 'SAME', strides: [1, 2, 2, 1], dilations: [1, 2, 2, 1] }),
      'Conv2D: needs known sizes for stride 2,2 and dilation 2,2 with padding SAME',
    ],
    [
      'for a stride of 0',
      (g) => conv(g, [-1, 8, 8, 3], [3, 3, 3, 4], { strides: [1, 0, 1, 1] }),
      'Conv2D: needs positive strides (got 0)',
    ],
    ['for a filter of another rank', (g) => conv(g, [-1, 8, 8, 3], [3, 4]), 'Conv2D: needs a filter of rank 4 (got 2)'],
    [
      'for a pool over the batch',
      (g) => g.op('MaxPool', [g.input('x', [4, 8, 8, 3])], { ...plain, ksize: [2, 1, 1, 1] }),
      'MaxPool: no kernel that pools over the batch',
    ],
  ])('%s', (_, build, expected) => {
    expect(refusals(build)).toEqual([expected]);
  });
});

describe('a convolution is written', () => {
  it.each<[string, (g: SmallGraph) => Endpoint]>([
    ['with known sizes', (g) => conv(g, [-1, 8, 8, 3], [3, 3, 3, 4])],
    ['with unknown sizes', (g) => conv(g, [-1, -1, -1, 3], [3, 3, 3, 4])],
    ['with channels first', (g) => conv(g, [-1, 3, 8, 8], [3, 3, 3, 4], { data_format: 'NCHW' })],
    ['in groups', (g) => conv(g, [-1, 8, 8, 6], [3, 3, 3, 4], { padding: 'SAME' })],
    [
      'with a filter that is an input',
      (g) => g.op('Conv2D', [g.input('x', [-1, 8, 8, 3]), g.input('f', [3, 3, 3, 4])], plain),
    ],
  ])('%s', (_, build) => {
    expect(refusals(build)).toEqual([]);
  });
});
