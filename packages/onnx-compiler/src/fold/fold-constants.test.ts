import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { intsAttribute } from '../graph/attribute-readers.js';
import type { Endpoint } from '../graph/graph.js';
import { SmallGraph } from '../graph/small-graph.test-support.js';
import type { KernelFactory } from '../kernels/kernel.js';
import { foldConstants } from './fold-constants.js';

const sum: KernelFactory = () => (inputs) => {
  const [a, b] = inputs as Tensor<'float'>[];
  return [{ dtype: 'float', shape: a!.shape, data: a!.data.map((value, i) => value + b!.data[i]!) }];
};

function fold(g: SmallGraph, output: Endpoint): Endpoint {
  const graph = g.signature(output);
  foldConstants(graph, (op) => (op === 'AddV2' ? sum : undefined));
  return graph.outputs[0]!.source;
}

const ones = (g: SmallGraph) => g.floats([2], [1, 1]);
const truth = (g: SmallGraph, value: number) => g.constant({ dtype: 'bool', shape: [], data: Uint8Array.of(value) });

describe('foldConstants', () => {
  it('computes operations on constants, one from the other', () => {
    const g = new SmallGraph();
    const y = fold(g, g.op('AddV2', [g.op('AddV2', [ones(g), ones(g)]), ones(g)]));
    expect(y.node.constant?.tensor().data).toEqual(Float32Array.of(3, 3));
  });

  it('leaves large constants and what a kernel refuses', () => {
    const g = new SmallGraph();
    const large = g.floats([70_000], Array(70_000).fill(1));
    expect(fold(g, g.op('AddV2', [large, large])).node.op).toBe('AddV2');
    const refused = g.signature(g.op('AddV2', [ones(g), ones(g)]));
    foldConstants(refused, () => () => () => {
      throw new ServingError('INVALID_ARGUMENT', 'refused');
    });
    expect(refused.outputs[0]!.source.node.op).toBe('AddV2');
  });

  it('never makes a giant constant of a small one', () => {
    const g = new SmallGraph();
    const filled = g.op('Fill', [g.ints([1 << 30]), g.floats([], [0])], {}, ['float']);
    const graph = g.signature(filled);
    foldConstants(graph, () => () => () => expect.unreachable('must not be evaluated'));
    expect(graph.outputs[0]!.source).toBe(filled);
  });

  it('replaces sizes that are known, and reshapes that change nothing', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 3]);
    const width = g.op('StridedSlice', [g.op('Shape', [x], {}, ['int32']), g.ints([1]), g.ints([2]), g.ints([1])], {
      shrink_axis_mask: 1,
    });
    expect(fold(g, width).node.constant?.tensor()).toEqual({ dtype: 'int32', shape: [], data: Int32Array.of(3) });
    expect(fold(g, g.op('Reshape', [g.op('Identity', [x]), g.ints([-1, 3])]))).toEqual(x);
  });

  it('reads sizes of inputs from the inputs', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, -1, 12]);
    const later = g.op('Shape', [g.op('Relu', [x])], {}, ['int32']);
    const steps = g.op('StridedSlice', [later, g.ints([1]), g.ints([2]), g.ints([1])], { shrink_axis_mask: 1 });
    const result = fold(g, g.op('Fill', [g.op('Pack', [g.ints(1), steps]), g.floats([], [0])], {}, ['float']));
    const size = result.node.inputs[0]!.node.inputs[1]!.node;
    expect([size.op, size.inputs[0]!.node.op, size.inputs[0]!.node.inputs[0]]).toEqual(['StridedSlice', 'Shape', x]);
  });

  it('leaves the shape of a vector that is an input', () => {
    const g = new SmallGraph();
    const shape = g.op('Shape', [g.op('Relu', [g.input('x', [-1])])], {}, ['int32']);
    const graph = g.signature(shape);
    foldConstants(graph, () => undefined);
    foldConstants(graph, () => undefined);
    const size = graph.outputs[0]!.source.node;
    expect([size.op, size.inputs[0]!.node.op, size.inputs[0]!.node.inputs[0]!.node.op]).toEqual([
      'StridedSlice',
      'Shape',
      '_Input',
    ]);
  });

  it('copies sizes that stay in their place, and infers another', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, -1, 12]);
    const size = (i: number) => {
      const spec = [g.ints([i]), g.ints([i + 1]), g.ints([1])];
      return g.op('StridedSlice', [g.op('Shape', [x], {}, ['int32']), ...spec], { shrink_axis_mask: 1 });
    };
    const heads = g.op('Reshape', [x, g.op('Pack', [size(0), size(1), g.ints(3), g.ints(4)])]);
    const result = fold(g, g.op('Reshape', [heads, g.op('Pack', [size(0), g.ints(-1), g.ints(6)])]));
    const sizes = ({ node }: Endpoint) => intsAttribute(node.attributes, 'shape');
    expect([result.node.op, sizes(result), sizes(result.node.inputs[0]!)]).toEqual([
      '_Reshape',
      [0, -1, 6],
      [0, 0, 3, 4],
    ]);
  });

  it('does not infer a size that a request gives', () => {
    const g = new SmallGraph();
    const [x, count] = [g.input('x', [-1, 6]), g.input('count', [], 'int32')];
    const result = fold(g, g.op('Reshape', [x, g.op('Pack', [count, g.ints(3)])]));
    expect(result.node.op).toBe('Reshape');
  });

  it('marks transposed convolutions to a multiple of their input', () => {
    for (const [factor, expected] of [
      [2, true],
      [3, undefined],
    ] as const) {
      const g = new SmallGraph();
      const x = g.input('x', [-1, -1, -1, 1]);
      const size = (i: number) => {
        const spec = [g.ints([i]), g.ints([i + 1]), g.ints([1])];
        return g.op('StridedSlice', [g.op('Shape', [x], {}, ['int32']), ...spec], { shrink_axis_mask: 1 });
      };
      const twice = (i: number) => g.op('Mul', [size(i), g.ints(factor)]);
      const sizes = g.op('Pack', [size(0), twice(1), twice(2), g.ints(1)]);
      const of = { strides: [1, 2, 2, 1], padding: 'SAME', data_format: 'NHWC' };
      const y = fold(g, g.op('Conv2DBackpropInput', [sizes, g.floats([2, 2, 1, 1], [1, 2, 3, 4]), x], of, ['float']));
      expect(y.node.attributes.get('_is_multiple')?.value).toBe(expected);
    }
  });

  it('gives a constant of any size another shape without reading it', () => {
    const g = new SmallGraph();
    const file = { path: '/weights', offset: 8, length: 4_000_000 };
    const weights = g.floats([1000, 1000], []);
    Object.assign(weights.node.constant!, { file, tensor: () => expect.unreachable('must not be read') });
    const y = fold(g, g.op('Reshape', [weights, g.ints([-1, 500])]));
    expect(y.node.constant).toMatchObject({ shape: [2000, 500], file });
  });

  it('takes the branch that a constant chooses, and what is in it', () => {
    for (const [value, expected] of [
      [1, 3],
      [0, 2],
    ] as const) {
      const g = new SmallGraph();
      const branch = (count: number) => {
        const argument = g.argument([2]);
        let result = argument;
        for (let i = 1; i < count; i++) result = g.op('AddV2', [result, ones(g)]);
        return { arguments: [argument.node], results: [result] };
      };
      const choice = g.control('If', [truth(g, value), ones(g)], { then_branch: branch(3), else_branch: branch(2) });
      expect(fold(g, choice).node.constant?.tensor().data).toEqual(Float32Array.of(expected, expected));
    }
  });

  it('takes the last branch of a case for an index out of range', () => {
    const g = new SmallGraph();
    const branch = (value: number) => ({ arguments: [], results: [g.floats([1], [value])] });
    const choice = g.control('Case', [g.ints(7)], { branch_0: branch(10), branch_1: branch(11) });
    expect(fold(g, choice).node.constant?.tensor().data).toEqual(Float32Array.of(11));
  });

  it('skips a loop whose condition is false', () => {
    const g = new SmallGraph();
    const x = g.input('x', [2]);
    const [a, b] = [g.argument([2]), g.argument([2])];
    const cond = { arguments: [a.node], results: [truth(g, 0)] };
    const body = { arguments: [b.node], results: [g.op('Tanh', [b])] };
    expect(fold(g, g.control('While', [x], { cond, body }))).toBe(x);
  });

  it('replaces uses in guards and in bodies', () => {
    const g = new SmallGraph();
    const x = g.input('x', [2]);
    const argument = g.argument([2]);
    const body = { arguments: [argument.node], results: [g.op('Mul', [argument, g.op('AddV2', [ones(g), ones(g)])])] };
    const cond = { arguments: [g.argument([2]).node], results: [g.op('Unknown', [x], {}, ['bool'])] };
    const graph = g.signature(g.control('While', [x], { cond, body }));
    graph.guards.push({ condition: g.op('Identity', [truth(g, 1)]), message: ['no'] });
    foldConstants(graph, (op) => (op === 'AddV2' ? sum : undefined));
    expect(body.results[0]!.node.inputs[1]!.node.op).toBe('Const');
    expect(graph.guards[0]!.condition.node.op).toBe('Const');
  });
});
