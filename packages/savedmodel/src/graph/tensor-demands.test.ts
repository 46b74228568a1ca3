import type { GraphNode } from '@serving/protos/saved-model';
import { describe, expect, it } from 'vitest';
import { constant, convolution, filter, fn, graphOf, input, node, pool } from './graph.test-support.js';
import { guardedOperations } from './guarded-operations.js';
import { formatRequirement, isMet } from './shape-requirement.js';
import { TensorDemandSearch } from './tensor-demands.js';

/** What is asked of `x`, in print; `undefined` when nothing can go wrong with it. */
function asked(...nodes: GraphNode[]): string | undefined {
  const demand = new TensorDemandSearch(graphOf([input(), ...nodes])).find().get('x:0');
  return demand && formatRequirement(demand);
}

const slotOf: Readonly<Record<string, number>> = { AvgPoolGrad: 1, CombinedNonMaxSuppression: 1 };

describe('TensorDemandSearch of an input that feeds an operation', () => {
  it.each([
    ['Conv2D', '[?,?,?,?]'],
    ['Conv3D', '[?,?,?,?,?]'],
    ['DepthwiseConv2dNative', '[?,?,?,?]'],
    ['Conv2DBackpropFilter', '[?,?,?,?]'],
    ['Conv3DBackpropFilter', '[?,?,?,?,?]'],
    ['Conv3DBackpropFilterV2', '[?,?,?,?,?]'],
    ['DepthwiseConv2dNativeBackpropFilter', '[?,?,?,?]'],
    ['QuantizedConv2D', '[?,?,?,?]'],
    ['QuantizedConv2DWithBiasAndReluAndRequantize', '[?,?,?,?]'],
    ['QuantizedDepthwiseConv2D', '[?,?,?,?]'],
    ['QuantizedInstanceNorm', '[?,?,?,?] without a dimension of 0'],
    ['MaxPool', '[?,?,?,?]'],
    ['MaxPool3D', '[?,?,?,?,?]'],
    ['AvgPool', '[?,?,?,?]'],
    ['AvgPool3D', '[?,?,?,?,?]'],
    ['AvgPoolGrad', '[?,?,?,?]'],
    ['LRN', '[?,?,?,?]'],
    ['FusedBatchNorm', '[?,?,?,?]'],
    ['FusedBatchNormV2', '[?,?,?,?]'],
    ['FusedBatchNormV3', '4 to 5 dimensions'],
    ['LSTMBlockCell', '[?,?]'],
    ['FakeQuantWithMinMaxVarsPerChannel', 'at least 1 dimensions'],
    ['CombinedNonMaxSuppression', '[?,?,?]'],
    ['EncodePng', 'a shape without a dimension of 0'],
    ['MatMul', undefined],
    ['Conv2DBackpropInput', undefined],
    ['MaxPoolV2', undefined],
  ])('%s asks for %s', (op, expected) => {
    const inputs = ['other', 'other', 'other'];
    inputs[slotOf[op] ?? 0] = 'x';
    expect(asked(node('other', 'Const'), node('y', op, inputs))).toBe(expected);
  });

  it('knows each operation of the table', () => {
    for (const op of guardedOperations) {
      const inputs = ['other', 'other', 'other'];
      inputs[slotOf[op] ?? 0] = 'x';
      expect(asked(node('other', 'Const'), node('y', op, inputs)), op).toBeDefined();
    }
  });

  it.each([1, 2, 3])('LSTMBlockCell asks the same of its input %i', (slot) => {
    const inputs = ['other', 'other', 'other', 'other'];
    inputs[slot] = 'x';
    expect(asked(node('other', 'Const'), node('y', 'LSTMBlockCell', inputs))).toBe('[?,?]');
  });
});

describe('TensorDemandSearch of windows', () => {
  it.each<[string, string, GraphNode[]]>([
    ['a window fits its input', '[?,≥3,≥3,?]', [pool('y', 'x', 3)]],
    ['a window of one element fits any input', '[?,?,?,?]', [pool('y', 'x', 1)]],
    ['SAME makes every window fit', '[?,?,?,?]', [pool('y', 'x', 3, 1, 'SAME')]],
    ['poolings one behind the other', '[?,≥4,≥4,?]', [pool('a', 'x', 2), pool('y', 'a', 2)]],
    ['a pooling behind one that is filled up', '[?,≥3,≥3,?]', [pool('a', 'x', 2, 2, 'SAME'), pool('y', 'a', 2)]],
    ['a pooling behind a convolution', '[?,≥4,≥4,?]', [filter(3, 3, 1, 2), convolution('a', 'x'), pool('y', 'a', 2)]],
    [
      'a pooling behind a convolution with strides',
      '[?,≥5,≥5,?]',
      [filter(3, 3, 1, 2), convolution('a', 'x', 2), pool('y', 'a', 2)],
    ],
    [
      'a pooling behind a convolution whose filter has no known size',
      '[?,≥2,≥2,?]',
      [node('w', 'Const'), convolution('a', 'x'), pool('y', 'a', 2)],
    ],
    [
      'explicit padding',
      '[?,≥2,≥3,?]',
      [
        node('y', 'MaxPool', ['x'], {
          integers: { ksize: [1, 3, 3, 1], strides: [1, 1, 1, 1], explicit_paddings: [0, 0, 1, 0, 0, 0, 0, 0] },
          strings: { padding: 'EXPLICIT' },
        }),
      ],
    ],
    [
      'padding before it',
      '[?,≥3,≥4,?]',
      [constant('p', 0, 0, 1, 1, 0, 1, 0, 0), node('a', 'Pad', ['x', 'p']), pool('y', 'a', 5)],
    ],
    [
      'dimensions in another order',
      '[?,?,≥2,≥3]',
      [
        constant('p', 0, 2, 3, 1),
        node('a', 'Transpose', ['x', 'p']),
        node('y', 'MaxPool', ['a'], {
          integers: { ksize: [1, 2, 3, 1], strides: [1, 1, 1, 1] },
          strings: { padding: 'VALID' },
        }),
      ],
    ],
    [
      'channels first',
      '[?,?,≥2,≥2]',
      [
        node('y', 'MaxPool', ['x'], {
          integers: { ksize: [1, 1, 2, 2], strides: [1, 1, 1, 1] },
          strings: { padding: 'VALID', data_format: 'NCHW' },
        }),
      ],
    ],
    [
      'a pooling in one dimension',
      '[?,≥2,?]',
      [
        constant('axis', 1),
        node('a', 'ExpandDims', ['x', 'axis']),
        node('y', 'MaxPool', ['a'], {
          integers: { ksize: [1, 1, 2, 1], strides: [1, 1, 1, 1] },
          strings: { padding: 'VALID' },
        }),
      ],
    ],
    [
      'a dimension that is taken away',
      '[?,?,≥2,≥2,?]',
      [node('a', 'Squeeze', ['x'], { integers: { squeeze_dims: [1] } }), pool('y', 'a', 2)],
    ],
    [
      'several that are joined by their channels',
      '[?,≥2,≥2,?]',
      [constant('axis', -1), node('a', 'ConcatV2', ['x', 'x', 'axis']), pool('y', 'a', 2)],
    ],
    [
      'a quantized convolution that is not filled up',
      '[?,≥3,≥3,?]',
      [
        filter(3, 3, 1, 2),
        node('y', 'QuantizedConv2D', ['x', 'w'], {
          integers: { strides: [1, 1, 1, 1] },
          strings: { padding: 'VALID' },
        }),
      ],
    ],
  ])('%s: %s', (_, expected, nodes) => {
    expect(asked(...nodes)).toBe(expected);
  });
});

describe('TensorDemandSearch of an input that comes to it through', () => {
  const end = filter(3, 3, 1, 2);
  const through = (...nodes: GraphNode[]): string | undefined => asked(end, ...nodes, convolution('y', 'a'));

  it.each(['Identity', 'Cast', 'Relu', 'BiasAdd'])('%s has to have the same rank', (op) => {
    expect(through(node('a', op, ['x']))).toBe('[?,?,?,?]');
  });

  it.each([
    ['a scalar', [], '[?,?,?,?]'],
    ['one value per channel', [3], '[?,?,?,?]'],
    ['a whole image', [1, 8, 8, 3], '0 to 4 dimensions'],
  ])('a product with %s: what broadcasting does is left out', (_, shape, expected) => {
    expect(through(node('c', 'Const', [], { shapes: [shape] }), node('a', 'Mul', ['x', 'c']))).toBe(expected);
  });

  it.each(['Reshape', 'Switch', 'Unknown'])('%s is only known to come to it', (op) => {
    expect(through(node('a', op, ['x']))).toBe('a shape');
  });

  it('a skip connection is held to what both ways ask', () => {
    expect(
      asked(
        node('w', 'Const', [], { shapes: [[3, 3, 1, 1]] }),
        node('c', 'Conv2D', ['x', 'w'], {
          integers: { strides: [1, 1, 1, 1] },
          strings: { padding: 'SAME' },
          shapes: [[-1, -1, -1, 1]],
        }),
        node('a', 'AddV2', ['c', 'x']),
        pool('y', 'a', 2),
      ),
    ).toBe('[?,?,?,?]');
  });

  it('a constant has no input that could be wrong', () => {
    expect(asked(end, node('a', 'Const'), convolution('y', 'a'))).toBeUndefined();
  });
});

describe('TensorDemandSearch of functions', () => {
  const calls = (op: string, inputs: string[], f: string): GraphNode =>
    node('call', op, inputs, { functions: { f: [f] } });
  const inner = fn('inner', ['image'], ['y:y:0'], filter(3, 3, 1, 2), convolution('y', 'image'));
  const outer = fn(
    'outer',
    ['scale', 'image'],
    ['p:output:0'],
    calls('StatefulPartitionedCall', ['image'], 'inner'),
    pool('p', 'call:output:0', 2),
  );
  const demandsOn = (graph: ReturnType<typeof graphOf>): unknown[] =>
    ['x', 'scale'].map((name) => {
      const demand = new TensorDemandSearch(graph).find().get(`${name}:0`);
      return demand && formatRequirement(demand);
    });

  it('follows calls within calls, results and arguments', () => {
    const nodes = [input(), node('scale', 'Placeholder'), calls('PartitionedCall', ['scale', 'x'], 'outer')];
    expect(demandsOn(graphOf(nodes, [inner, outer]))).toEqual(['[?,≥4,≥4,?]', undefined]);
  });

  it('follows an operation that is named like its function', () => {
    const nodes = [input(), node('scale', 'Placeholder'), node('call', 'outer', ['scale', 'x'])];
    expect(demandsOn(graphOf(nodes, [inner, outer]))).toEqual(['[?,≥4,≥4,?]', undefined]);
  });

  it('knows of loops and branches that their inputs come to it', () => {
    const nodes = [input(), node('if', 'If', ['x'], { functions: { then_branch: ['outer'], else_branch: ['other'] } })];
    expect(demandsOn(graphOf(nodes, [inner, outer, fn('other', [], [])]))[0]).toBe('a shape');
  });

  it('ends with functions that call themselves, and graphs that have loops', () => {
    const self = fn('self', ['x'], ['call:output:0'], calls('PartitionedCall', ['x'], 'self'));
    const loop = [node('a', 'Merge', ['x', 'b']), node('b', 'NextIteration', ['a']), convolution('y', 'b')];
    const nodes = [input(), calls('PartitionedCall', ['x'], 'self'), ...loop, filter(3, 3, 1, 1)];
    expect(demandsOn(graphOf(nodes, [self]))[0]).toBe('a shape');
  });

  it('takes no longer for functions that are called again and again', () => {
    const levels = Array.from({ length: 40 }, (_, i) =>
      fn(
        `f${i}`,
        ['x'],
        ['two:output:0'],
        ...[
          ['one', 'x'],
          ['two', 'one:output:0'],
        ].map(([name, from]) => node(name!, 'PartitionedCall', [from!], { functions: { f: [`f${i + 1}`] } })),
      ),
    );
    const last = fn('f40', ['x'], ['y:y:0'], pool('y', 'x', 1));
    expect(demandsOn(graphOf([input(), calls('PartitionedCall', ['x'], 'f0')], [...levels, last]))[0]).toBe(
      '[?,?,?,?]',
    );
  });
});

describe('TensorDemandSearch of runs that want different shapes of one tensor', () => {
  const other = node('other', 'Const');
  const cell = node('cell', 'LSTMBlockCell', ['x', 'other', 'other', 'other']);
  const search = new TensorDemandSearch(graphOf([input(), filter(3, 3, 1, 2), convolution('y', 'x'), other, cell]));
  const of = (...fetches: string[]): string => formatRequirement(search.find(fetches).get('x:0')!);

  it('asks what those operations ask that are run', () => {
    expect(search.hasContradictions).toBe(false);
    expect([of('y:0'), of('cell:1')]).toEqual(['[?,?,?,?]', '[?,?]']);
    expect(search.hasContradictions).toBe(false);
  });

  it('knows that it has to know them', () => {
    expect(formatRequirement(search.find().get('x:0')!)).toBe('2 to 4 dimensions');
    expect(search.hasContradictions).toBe(true);
  });
});

describe('isMet', () => {
  it.each([
    [{ minRank: 4, maxRank: 4 }, [1, 8, 8], false],
    [{ minRank: 4, maxRank: 4 }, [1, 8, 8, 1], true],
    [{ minRank: 1, maxRank: Number.POSITIVE_INFINITY }, [], false],
    [{ minRank: 2, maxRank: 2, minSizes: [0, 3] }, [0, 3], true],
    [{ minRank: 2, maxRank: 2, minSizes: [0, 3] }, [5, 2], false],
    [{ minRank: 0, maxRank: 4, isNonEmpty: true }, [1, 0, 1], false],
  ])('%j of %j: %s', (requirement, shape, expected) => {
    expect(isMet(requirement, shape)).toBe(expected);
  });
});
