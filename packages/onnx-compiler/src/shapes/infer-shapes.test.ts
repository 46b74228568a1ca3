import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../graph/graph.js';
import { outputOf, SmallGraph } from '../graph/small-graph.test-support.js';
import { inferRowShapes, inferShapes } from './infer-shapes.js';

/** Shapes as text: symbols by name. */
function shapesOf(g: SmallGraph, ...outputs: Endpoint[]): string[] {
  const facts = inferShapes(g.signature(...outputs));
  return outputs.map((output) => {
    const shape = facts.dimensions(output);
    if (shape === undefined) return 'unknown';
    return shape
      .map((size) => {
        if (typeof size === 'number') return `${size}`;
        const names = size.symbols.map(({ name }) => name).join('*');
        return size.coefficient === 1 ? names : `${size.coefficient}*${names}`;
      })
      .join(',');
  });
}

type Case = [string, (g: SmallGraph) => Endpoint, string];

const dynamic = (g: SmallGraph, ...rest: number[]) => g.input('x', [-1, ...rest]);

const cases: Case[] = [
  ['broadcasting', (g) => g.op('AddV2', [dynamic(g, 1, 3), g.floats([4, 1], [1, 2, 3, 4])]), 'x_0,4,3'],
  ['two unknown sizes', (g) => g.op('AddV2', [g.input('a', [2, -1]), g.input('b', [-1])]), '2,AddV2_0_0_1_positive'],
  ['a reduction', (g) => g.op('Mean', [dynamic(g, 4, 3), g.ints([-1])], { keep_dims: false }), 'x_0,4'],
  ['a reduction that keeps axes', (g) => g.op('Mean', [dynamic(g, 4, 3), g.ints(1)], { keep_dims: true }), 'x_0,1,3'],
  ['an argument', (g) => g.op('ArgMax', [dynamic(g, 4), g.ints(-1)]), 'x_0'],
  ['a free size', (g) => g.op('Reshape', [dynamic(g, 4, 3), g.ints([-1, 6])]), '2*x_0,6'],
  ['a transposition', (g) => g.op('Transpose', [dynamic(g, 4, 3), g.ints([2, 0, 1])]), '3,x_0,4'],
  ['a concatenation', (g) => g.op('ConcatV2', [dynamic(g, 4), g.input('z', [-1, 2]), g.ints(-1)]), 'x_0,6'],
  ['a stack', (g) => g.op('Pack', [dynamic(g, 4), g.input('z', [-1, 4])], { axis: -1 }), 'x_0,4,2'],
  [
    'an embedding',
    (g) => g.op('GatherV2', [g.floats([2, 3], [1, 2, 3, 4, 5, 6]), dynamic(g, 7), g.ints(0)]),
    'x_0,7,3',
  ],
  ['a matrix product', (g) => g.op('BatchMatMulV2', [dynamic(g, 8, 5, 4), g.input('z', [1, 8, 4, 6])]), 'x_0,8,5,6'],
  [
    'an adjoint',
    (g) => g.op('BatchMatMulV2', [dynamic(g, 5, 4), g.floats([6, 4], Array(24).fill(1))], { adj_y: true }),
    'x_0,5,6',
  ],
  [
    'an Einsum',
    (g) => g.op('Einsum', [dynamic(g, 5, 4), g.floats([4, 2, 3], Array(24).fill(1))], { equation: 'abc,cde->abde' }),
    'x_0,5,2,3',
  ],
  [
    'an Einsum with an ellipsis',
    (g) => g.op('Einsum', [dynamic(g, 5, 4), g.floats([4, 2], Array(8).fill(1))], { equation: '...c,cd->...d' }),
    'x_0,5,2',
  ],
  [
    'a one-hot code',
    (g) => g.op('OneHot', [dynamic(g, 3), g.ints(9), g.floats([], [1]), g.floats([], [0])], { axis: -1 }),
    'x_0,3,9',
  ],
  ['a slice', (g) => g.op('Slice', [dynamic(g, 9), g.ints([0, 2]), g.ints([-1, 3])]), 'x_0,3'],
  [
    'padding',
    (g) => g.op('Pad', [dynamic(g, 9), g.constant({ dtype: 'int32', shape: [2, 2], data: Int32Array.of(0, 0, 1, 2) })]),
    'x_0,12',
  ],
  [
    'a range of a size',
    (g) =>
      g.op('Range', [
        g.ints(0),
        g.op('StridedSlice', [g.op('Shape', [dynamic(g, 2)], {}, ['int32']), g.ints([0]), g.ints([1]), g.ints([1])], {
          shrink_axis_mask: 1,
        }),
        g.ints(1),
      ]),
    'x_0',
  ],
];

describe('inferShapes', () => {
  it.each(cases)('follows %s', (_, build, expected) => {
    const g = new SmallGraph();
    expect(shapesOf(g, build(g))).toEqual([expected]);
  });

  it('follows sizes through Shape, StridedSlice and Pack to Reshape', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, -1, 12]);
    const size = (i: number) => {
      const spec = [g.ints([i]), g.ints([i + 1]), g.ints([1])];
      return g.op('StridedSlice', [g.op('Shape', [x], {}, ['int32']), ...spec], { shrink_axis_mask: 1 });
    };
    const heads = g.op('Reshape', [x, g.op('Pack', [size(0), size(1), g.ints(3), g.ints(-1)])]);
    const flat = g.op('Reshape', [x, g.ints([-1, 12])]);
    const back = g.op('Reshape', [flat, g.op('Pack', [size(0), g.ints(-1), g.ints(12)])]);
    expect(shapesOf(g, heads, flat, back)).toEqual(['x_0,x_1,3,4', 'x_0*x_1,12', 'x_0,x_1,12']);
  });

  it.each<[string, number[], Record<string, number>, string]>([
    ['an ellipsis', [0, 0], { ellipsis_mask: 1, shrink_axis_mask: 2 }, 'x_0,5'],
    ['a new axis', [0, 0], { new_axis_mask: 1, begin_mask: 2, end_mask: 2 }, '1,x_0,5,4'],
    ['a range', [0, 1], { begin_mask: 1, end_mask: 3 }, 'x_0,4,4'],
    ['an index', [0, 2], { begin_mask: 1, end_mask: 1, shrink_axis_mask: 2 }, 'x_0,4'],
  ])('reads %s of StridedSlice', (_, begin, masks, expected) => {
    const g = new SmallGraph();
    const spec = [g.ints(begin), g.ints(begin.map((at) => at + 1)), g.ints(begin.map(() => 1))];
    expect(shapesOf(g, g.op('StridedSlice', [g.input('x', [-1, 5, 4]), ...spec], masks))).toEqual([expected]);
  });

  it.each<[string, Record<string, string | number[]>, string]>([
    ['SAME', { padding: 'SAME', strides: [1, 2, 2, 1] }, 'x_0,4,4,6'],
    ['VALID', { padding: 'VALID', strides: [1, 2, 2, 1] }, 'x_0,3,3,6'],
    [
      'EXPLICIT',
      { padding: 'EXPLICIT', strides: [1, 1, 1, 1], explicit_paddings: [0, 0, 1, 0, 0, 1, 0, 0] },
      'x_0,6,6,6',
    ],
    ['dilated', { padding: 'VALID', strides: [1, 1, 1, 1], dilations: [1, 2, 2, 1] }, 'x_0,3,3,6'],
  ])('counts windows of a convolution, %s', (_, attributes, expected) => {
    const g = new SmallGraph();
    const filter = g.floats([3, 3, 2, 6], Array(108).fill(1));
    expect(shapesOf(g, g.op('Conv2D', [g.input('x', [-1, 7, 7, 2]), filter], attributes))).toEqual([expected]);
  });

  it.each<[string, (g: SmallGraph) => Endpoint]>([
    [
      'a stride of 0',
      (g) =>
        g.op('MaxPool', [g.input('x', [-1, 8, 8, 1])], { padding: 'SAME', strides: [1, 0, 1, 1], ksize: [1, 2, 2, 1] }),
    ],
    ['negative repeats', (g) => g.op('Tile', [g.input('x', [-1, 8]), g.ints([1, -2])])],
    ['negative sizes', (g) => g.op('Fill', [g.ints([-3, 4]), g.floats([], [0])], {}, ['float'])],
  ])('takes a size that %s gives for unknown', (_, build) => {
    const g = new SmallGraph();
    const y = build(g);
    inferShapes(g.signature(y));
    expect(y.node.outputs[0]!.shape).toContain(-1);
    expect(y.node.outputs[0]!.shape!.every((size) => Number.isSafeInteger(size) && size >= -1)).toBe(true);
  });

  it('marks sizes that values decide as possibly zero', () => {
    const g = new SmallGraph();
    const found = g.op('Where', [g.input('x', [-1, 3])], {}, ['int64']);
    const facts = inferShapes(g.signature(found));
    const [rows, rank] = facts.dimensions(found)!;
    expect(rows).toMatchObject({ symbols: [{ mayBeZero: true }] });
    expect(rank).toBe(2);
  });

  it('takes what it cannot follow from the shapes in the file', () => {
    const g = new SmallGraph();
    const y = g.op('SomethingElse', [g.input('x', [-1, 3])]);
    y.node.outputs[0]!.shape = [-1, 8];
    expect(shapesOf(g, y)).toEqual(['SomethingElse_0_0_0,8']);
  });

  it('believes inputs more than the shapes in the file', () => {
    const g = new SmallGraph();
    const y = g.op('Relu', [g.input('x', [-1, 3])]);
    y.node.outputs[0]!.shape = [32, 3];
    inferShapes(g.signature(y));
    expect(y.node.outputs[0]!.shape).toEqual([-1, 3]);
  });

  it('has a batch only when every input has an unknown first dimension', () => {
    const g = new SmallGraph();
    const y = g.op('AddV2', [g.input('x', [-1, 3]), g.input('scale', [])]);
    expect(inferRowShapes(g.signature(y)).batch).toBeUndefined();
  });

  it('takes sizes of two inputs for equal only among requests of a batch', () => {
    const g = new SmallGraph();
    const y = g.op('AddV2', [g.input('x', [-1]), g.input('splits', [-1])]);
    const graph = g.signature(y);
    const apart = graph.inputs.map(({ node }) => inferShapes(graph).dimensions({ node, index: 0 }));
    expect(apart.map((shape) => shape![0])).toMatchObject([
      { symbols: [{ name: 'x_0' }] },
      { symbols: [{ name: 'splits_0' }] },
    ]);
    const { batch, dimensions } = inferRowShapes(graph);
    expect(batch).toMatchObject({ name: 'batch', mayBeZero: false });
    for (const { node } of graph.inputs) expect(dimensions({ node, index: 0 })).toMatchObject([{ symbols: [batch] }]);
  });

  it('widens the state of a loop until it holds for every iteration', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 3]);
    const [grown, kept] = [g.argument(undefined), g.argument(undefined)];
    const body = {
      arguments: [grown.node, kept.node],
      results: [g.op('ConcatV2', [grown, kept, g.ints(1)]), g.op('Relu', [kept])],
    };
    const condition = {
      arguments: [g.argument(undefined).node, g.argument(undefined).node],
      results: [g.constant({ dtype: 'bool', shape: [], data: Uint8Array.of(1) })],
    };
    const loop = g.control('While', [x, x], { cond: condition, body });
    expect(shapesOf(g, loop, outputOf(loop, 1))).toEqual([expect.stringMatching(/^x_0,While_\d+_0_1$/), 'x_0,3']);
  });

  it('keeps what both branches have in common', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 4]);
    const branch = (rows: number[]) => {
      const argument = g.argument(undefined);
      return { arguments: [argument.node], results: [g.op('Reshape', [argument, g.ints(rows)])] };
    };
    const predicate = g.op('Placeholder', [], {}, ['bool']);
    const y = g.control('If', [predicate, x], { then_branch: branch([-1, 2, 2]), else_branch: branch([-1, 4, 1]) });
    expect(shapesOf(g, y)).toEqual([expect.stringMatching(/^x_0,If_\d+_0_1,If_\d+_0_2$/)]);
  });
});
