import { expect, it } from 'vitest';
import { SmallGraph } from '../graph/small-graph.test-support.js';
import { inferShapes } from '../shapes/infer-shapes.js';
import { traceElement } from './vector-element.js';

it('follows an element through stacks, slices and sums', () => {
  const g = new SmallGraph();
  const sizes = g.op('Shape', [g.input('x', [-1, -1, 4])], {}, ['int32']);
  const spec = (at: number) => [g.ints([at]), g.ints([at + 1]), g.ints([1])];
  const size = g.op('StridedSlice', [sizes, ...spec(1)], { shrink_axis_mask: 1 });
  const remainder = g.op('FloorMod', [g.op('Pack', [size], { axis: 0 }), g.ints([2])]);
  const more = g.op('AddV2', [g.ints([3]), remainder]);
  const end = g.op('StridedSlice', [more, ...spec(0)], { shrink_axis_mask: 1 });
  const pairs = g.op('Pack', [g.op('Pack', [g.ints(5), end], { axis: 0 })], { axis: 0 });
  const all = g.op('StridedSlice', [pairs, ...spec(0)]);
  inferShapes(g.signature(all));
  expect(traceElement(all, 0)).toEqual({ plus: 5, from: undefined });
  expect(traceElement(all, 1)).toEqual({ plus: 3, from: { source: remainder, index: 0 } });
});
