import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../graph/graph.js';
import { SmallGraph } from '../../graph/small-graph.test-support.js';
import { findRows } from './find-rows.js';

function isBatchable(build: (g: SmallGraph, x: Endpoint) => Endpoint): boolean {
  const g = new SmallGraph();
  const graph = g.signature(build(g, g.input('x', [-1, 4, 6])));
  return findRows(graph).batchable;
}

const weights = (g: SmallGraph) => g.floats([6, 5], Array(30).fill(1));
const rowCount = (g: SmallGraph, x: Endpoint) => {
  const shape = g.op('Shape', [x], {}, ['int32']);
  return g.op('StridedSlice', [shape, g.ints([0]), g.ints([1]), g.ints([1])], { shrink_axis_mask: 1 });
};

describe('rows stay apart', () => {
  it.each<[string, (g: SmallGraph, x: Endpoint) => Endpoint]>([
    ['through element-wise operations with constants', (g, x) => g.op('AddV2', [x, g.floats([6], Array(6).fill(1))])],
    [
      'in a dense layer on flattened rows',
      (g, x) => {
        const product = g.op('MatMul', [g.op('Reshape', [x, g.ints([-1, 6])]), weights(g)]);
        return g.op('Reshape', [product, g.op('Pack', [rowCount(g, x), g.ints(4), g.ints(5)])]);
      },
    ],
    [
      'in time-major order and back',
      (g, x) => {
        const turned = g.op('Relu', [g.op('Transpose', [x, g.ints([1, 0, 2])])]);
        return g.op('Transpose', [turned, g.ints([1, 0, 2])]);
      },
    ],
    [
      'in attention over the steps of a row',
      (g, x) => {
        const scores = g.op('Softmax', [g.op('BatchMatMulV2', [x, x], { adj_y: true })]);
        return g.op('BatchMatMulV2', [scores, x]);
      },
    ],
    [
      'with zeros for each row',
      (g, x) => {
        const zeros = g.op('Fill', [g.op('Pack', [rowCount(g, x), g.ints(1), g.ints(6)]), g.floats([], [0])], {}, [
          'float',
        ]);
        return g.op('ConcatV2', [x, zeros, g.ints(1)]);
      },
    ],
    ['in a mean over steps', (g, x) => g.op('Mean', [x, g.ints([1])], { keep_dims: false })],
    [
      'in a slice of every row',
      (g, x) =>
        g.op('StridedSlice', [x, g.ints([0, -1]), g.ints([0, 0]), g.ints([1, 1])], {
          begin_mask: 1,
          end_mask: 1,
          shrink_axis_mask: 2,
        }),
    ],
    [
      'in a loop over steps',
      (g, x) => {
        const [step, state] = [g.argument([], 'int32'), g.argument(undefined)];
        const cond = {
          arguments: [g.argument([], 'int32').node, g.argument(undefined).node],
          results: [] as Endpoint[],
        };
        cond.results.push(g.op('Less', [{ node: cond.arguments[0]!, index: 0 }, g.ints(3)], {}, ['bool']));
        const body = {
          arguments: [step.node, state.node],
          results: [g.op('AddV2', [step, g.ints(1)]), g.op('Tanh', [state])],
        };
        const loop = g.control('While', [g.ints(0), x], { cond, body });
        return { node: loop.node, index: 1 };
      },
    ],
  ])('%s', (_, build) => {
    expect(isBatchable(build)).toBe(true);
  });
});

describe('rows are mixed', () => {
  it.each<[string, (g: SmallGraph, x: Endpoint) => Endpoint]>([
    ['by a mean over the batch', (g, x) => g.op('Sub', [x, g.op('Mean', [x, g.ints([0])], { keep_dims: true })])],
    [
      'by a product with all rows',
      (g, x) => {
        const flat = g.op('Reshape', [x, g.ints([-1, 24])]);
        return g.op('MatMul', [flat, flat], { transpose_b: true });
      },
    ],
    [
      'by the number of the row',
      (g, x) => {
        const numbers = g.op('Cast', [g.op('Range', [g.ints(0), rowCount(g, x), g.ints(1)])], {}, ['float']);
        return g.op('AddV2', [g.op('Mean', [x, g.ints([1, 2])], { keep_dims: false }), numbers]);
      },
    ],
    ['by reversing them', (g, x) => g.op('ReverseV2', [x, g.ints([0])])],
    ['by softmax over the batch', (g, x) => g.op('Softmax', [g.op('Transpose', [x, g.ints([1, 2, 0])])])],
    [
      'by an operation without a rule',
      (g, x) => {
        const y = g.op('SomethingElse', [x]);
        y.node.outputs[0]!.shape = [-1, 4];
        return y;
      },
    ],
    ['by an output of the size of the batch', (g, x) => rowCount(g, x)],
    ['by a reshape that cuts across them', (g, x) => g.op('Reshape', [x, g.ints([4, -1, 6])])],
  ])('%s', (_, build) => {
    expect(isBatchable(build)).toBe(false);
  });
});
