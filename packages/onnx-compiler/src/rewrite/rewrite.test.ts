import type { Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../graph/graph.js';
import { allNodes } from '../graph/rewire.js';
import { SmallGraph, type TestAttribute } from '../graph/small-graph.test-support.js';
import { inferShapes } from '../shapes/infer-shapes.js';
import { rewrite } from './rewrite.js';

/** The operations that remain, constants and inputs left out, and the last of them. */
function rewritten(build: (g: SmallGraph) => Endpoint): { ops: string[]; end: Endpoint } {
  const g = new SmallGraph();
  const graph = g.signature(build(g));
  inferShapes(graph);
  rewrite(graph);
  inferShapes(graph);
  const ops = allNodes(graph).flatMap(({ op }) => (op === 'Const' || op === '_Input' ? [] : [op]));
  return { ops, end: graph.outputs[0]!.source };
}

const values = ({ node }: Endpoint, input: number): number[] =>
  Array.from(node.inputs[input]!.node.constant!.tensor().data as Float32Array);
const scalar = (g: SmallGraph, value: number) => g.floats([], [value]);
const counted = (g: SmallGraph, ...shape: number[]) => {
  const length = shape.reduce((product, size) => product * size, 1);
  return g.floats(
    shape,
    Array.from({ length }, (_, i) => i + 1),
  );
};
const plain = { strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], padding: 'VALID', data_format: 'NHWC' };
const image = (g: SmallGraph) => g.input('x', [-1, 8, 8, 1]);
const conv = (g: SmallGraph, x: Endpoint, of: Record<string, TestAttribute> = {}) =>
  g.op('Conv2D', [x, counted(g, 1, 1, 1, 2)], { ...plain, ...of });

describe('a convolution', () => {
  it('takes up bias, scale and batch normalisation', () => {
    const { ops, end } = rewritten((g) => {
      const biased = g.op('BiasAdd', [conv(g, image(g)), g.floats([2], [10, 20])], { data_format: 'NHWC' });
      const scaled = g.op('Mul', [g.floats([2], [2, 3]), biased]);
      const parameters = [
        [4, 5],
        [0.5, 0.25],
        [1, 2],
        [3, 8],
      ].map((numbers) => g.floats([2], numbers));
      const of = { is_training: false, epsilon: { float: 1 }, data_format: 'NHWC' };
      return g.op('FusedBatchNormV3', [scaled, ...parameters], of, [
        'float',
        'float',
        'float',
        'float',
        'float',
        'float',
      ]);
    });
    expect(ops).toEqual(['Conv2D']);
    // Scale 4/√4 and 5/√9; each channel is ((w·x + b)·s − mean)·scale + offset.
    expect(values(end, 1).map((value) => value.toFixed(4))).toEqual(['4.0000', '10.0000']);
    expect(values(end, 2).map((value) => value.toFixed(4))).toEqual(['38.5000', '96.9167']);
  });

  it('scales each output channel of depthwise and transposed filters', () => {
    const depthwise = rewritten((g) => {
      const x = g.input('x', [-1, 8, 8, 2]);
      return g.op('Mul', [g.op('DepthwiseConv2dNative', [x, counted(g, 1, 1, 2, 1)], plain), g.floats([2], [10, 100])]);
    });
    expect(values(depthwise.end, 1)).toEqual([10, 200]);
    const transposed = rewritten((g) => {
      const x = g.input('x', [-1, 8, 8, 2]);
      const result = g.op('Conv2DBackpropInput', [g.ints([1, 8, 8, 2]), counted(g, 1, 1, 2, 2), x], plain, ['float']);
      return g.op('Mul', [result, g.floats([2], [10, 100])]);
    });
    expect(values(transposed.end, 1)).toEqual([10, 20, 300, 400]);
  });

  it.each<[string, (g: SmallGraph, y: Endpoint) => Endpoint]>([
    [
      'a value that something else uses',
      (g, y) => g.op('Mul', [g.op('BiasAdd', [y, g.floats([2], [1, 2])], { data_format: 'NHWC' }), y]),
    ],
    ['a constant per position', (g, y) => g.op('AddV2', [y, counted(g, 8, 8, 1)])],
    ['a constant that broadcasts the result', (g, y) => g.op('AddV2', [y, counted(g, 2, 1, 1, 1, 2)])],
    [
      'training statistics',
      (g, y) => {
        const parameters = [1, 2, 3, 4].map(() => g.floats([2], [1, 1]));
        return g.op('FusedBatchNormV3', [y, ...parameters], { is_training: true, data_format: 'NHWC' });
      },
    ],
  ])('does not take up %s', (_, build) => {
    const { ops, end } = rewritten((g) => build(g, conv(g, image(g))));
    expect(ops.length).toBeGreaterThan(1);
    expect(end.node.op).not.toBe('Conv2D');
  });

  it('takes up padding with zeros', () => {
    const widths: Tensor = { dtype: 'int32', shape: [4, 2], data: Int32Array.of(0, 0, 1, 2, 3, 4, 0, 0) };
    const { ops, end } = rewritten((g) => conv(g, g.op('Pad', [image(g), g.constant(widths)])));
    expect(ops).toEqual(['Conv2D']);
    expect(end.node.attributes.get('explicit_paddings')).toMatchObject({
      value: [0, 0, 1, 2, 3, 4, 0, 0].map((n) => ({ value: BigInt(n) })),
    });
    expect(end.node.outputs[0]!.shape).toEqual([-1, 11, 15, 2]);
    const ofChannels: Tensor = { ...widths, data: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1) };
    expect(
      rewritten((g) => g.op('Conv2D', [g.op('Pad', [image(g), g.constant(ofChannels)]), counted(g, 1, 1, 2, 2)], plain))
        .ops,
    ).toEqual(['Pad', 'Conv2D']);
  });

  it('over one dimension takes up its bias', () => {
    const { ops, end } = rewritten((g) => {
      const wide = g.op('ExpandDims', [g.input('x', [-1, 8, 1]), g.ints(1)]);
      const narrow = g.op('Squeeze', [conv(g, wide)], { squeeze_dims: [1] });
      return g.op('BiasAdd', [narrow, g.floats([2], [3, 4])], { data_format: 'NHWC' });
    });
    expect(ops).toEqual(['ExpandDims', 'Conv2D', 'Squeeze']);
    expect(values(end.node.inputs[0]!, 2)).toEqual([3, 4]);
  });

  it('is dilated where it lies between blocks', () => {
    const { ops, end } = rewritten((g) => {
      const pairs = (...numbers: number[]) =>
        g.constant({ dtype: 'int32', shape: [2, 2], data: Int32Array.from(numbers) });
      const blocks = g.op('SpaceToBatchND', [image(g), g.ints([2, 2]), pairs(2, 2, 2, 3)]);
      blocks.node.outputs[0]!.shape = [-1, 6, 6, 1];
      const middle = g.op('Conv2D', [blocks, counted(g, 3, 3, 1, 2)], plain);
      const biased = g.op('BiasAdd', [middle, g.floats([2], [1, 2])], { data_format: 'NHWC' });
      return g.op('BatchToSpaceND', [biased, g.ints([2, 2]), pairs(0, 0, 0, 1)]);
    });
    expect(ops).toEqual(['Conv2D']);
    expect(values(end, 2)).toEqual([1, 2]);
    expect(end.node.outputs[0]!.shape).toEqual([-1, 8, 8, 2]);
  });
});

describe('a dense layer', () => {
  it('takes up a scale after its bias', () => {
    const { ops, end } = rewritten((g) => {
      const product = g.op('MatMul', [g.input('x', [-1, 2]), counted(g, 2, 2)]);
      const biased = g.op('BiasAdd', [product, g.floats([2], [1, 2])], { data_format: 'NHWC' });
      return g.op('AddV2', [g.op('Mul', [biased, g.floats([2], [10, 100])]), g.floats([2], [5, 6])]);
    });
    expect(ops).toEqual(['MatMul', 'AddV2']);
    expect(values(end, 1)).toEqual([15, 206]);
    expect(values(end.node.inputs[0]!, 1)).toEqual([10, 200, 30, 400]);
  });

  it('is written for an Einsum that contracts the last dimensions', () => {
    const { ops, end } = rewritten((g) =>
      g.op('Einsum', [g.input('x', [-1, -1, 2]), counted(g, 2, 3, 4)], { equation: 'abc,cde->abde' }),
    );
    expect(ops).toEqual(['BatchMatMulV2', '_Reshape']);
    expect(end.node.outputs[0]!.shape).toEqual([-1, -1, 3, 4]);
    expect(
      rewritten((g) =>
        g.op('Einsum', [g.input('x', [-1, -1, 3, 4]), counted(g, 3, 4, 2)], { equation: 'abcd,cde->abe' }),
      ).ops,
    ).toEqual(['_Reshape', 'BatchMatMulV2']);
    expect(
      rewritten((g) => g.op('Einsum', [g.input('x', [-1, 2, 3]), counted(g, 2, 4)], { equation: 'abc,bd->acd' })).ops,
    ).toEqual(['Einsum']);
  });

  it('is written for an Einsum of two tensors, with the order of its result', () => {
    const { ops, end } = rewritten((g) =>
      g.op('Einsum', [g.input('k', [-1, 5, 3, 4]), g.input('q', [-1, 6, 3, 4])], { equation: 'aecd,abcd->acbe' }),
    );
    expect(ops).toEqual(['Transpose', 'Transpose', 'BatchMatMulV2']);
    expect(end.node.outputs[0]!.shape).toEqual([-1, 3, 6, 5]);
  });

  it('takes up transpositions on both sides', () => {
    const { ops } = rewritten((g) => {
      const turned = (name: string) => g.op('Transpose', [g.input(name, [-1, 5, 3, 4]), g.ints([0, 2, 1, 3])]);
      const scores = g.op('BatchMatMulV2', [turned('k'), turned('q')], { adj_x: false, adj_y: true });
      return g.op('Transpose', [scores, g.ints([0, 1, 3, 2])]);
    });
    expect(ops.sort()).toEqual(['BatchMatMulV2', 'Transpose', 'Transpose']);
  });

  it('has the constants of split heads in front of the split', () => {
    const { ops } = rewritten((g) => {
      const heads = g.op('Einsum', [g.input('x', [-1, -1, 2]), counted(g, 2, 3, 4)], { equation: 'abc,cde->abde' });
      return g.op('Mul', [g.op('AddV2', [heads, counted(g, 3, 4)]), scalar(g, 0.5)]);
    });
    expect(ops).toEqual(['BatchMatMulV2', 'AddV2', '_Reshape']);
  });
});

it('the bias of a layer over flattened rows is in front of the reshape', () => {
  const { ops } = rewritten((g) => {
    const x = g.input('x', [-1, -1, 2]);
    const product = g.op('MatMul', [g.op('Reshape', [x, g.ints([-1, 2])]), counted(g, 2, 3)]);
    const rows = g.op('Reshape', [
      product,
      g.op('ConcatV2', [g.op('Shape', [x], {}, ['int32']), g.ints([3]), g.ints(0)]),
    ]);
    rows.node.outputs[0]!.shape = [-1, -1, 3];
    return g.op('BiasAdd', [rows, counted(g, 3)], { data_format: 'NHWC' });
  });
  expect(ops.filter((op) => op !== 'Shape' && op !== 'ConcatV2')).toEqual(['Reshape', 'MatMul', 'AddV2', 'Reshape']);
});

describe('layer normalisation is found', () => {
  const moments = (g: SmallGraph, x: Endpoint) => {
    const mean = g.op('Mean', [x, g.ints([-1])], { keep_dims: true });
    const variance = g.op('Mean', [g.op('SquaredDifference', [x, mean]), g.ints([-1])], { keep_dims: true });
    return { mean, root: g.op('Rsqrt', [g.op('AddV2', [variance, scalar(g, 0.25)])]) };
  };
  const input = (g: SmallGraph) => g.input('x', [-1, -1, 4]);

  it.each<[string, (g: SmallGraph) => Endpoint, number[], number[]]>([
    [
      'as Keras 3 writes it',
      (g) => {
        const x = input(g);
        const { mean, root } = moments(g, x);
        const scale = g.op('Mul', [root, counted(g, 1, 1, 4)]);
        const shift = g.op('AddV2', [counted(g, 4), g.op('Mul', [g.op('Neg', [mean]), scale])]);
        return g.op('AddV2', [g.op('Mul', [x, scale]), shift]);
      },
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
    [
      'as tf.nn.batch_normalization writes it',
      (g) => {
        const x = input(g);
        const { mean, root } = moments(g, x);
        const shift = g.op('Sub', [counted(g, 4), g.op('Mul', [mean, root])]);
        return g.op('AddV2', [g.op('Mul', [x, root]), shift]);
      },
      [1, 1, 1, 1],
      [1, 2, 3, 4],
    ],
    [
      'without parameters',
      (g) => {
        const x = input(g);
        const { mean, root } = moments(g, x);
        return g.op('Mul', [g.op('Sub', [x, mean]), root]);
      },
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ],
    [
      'with parameters one after the other',
      (g) => {
        const x = input(g);
        const { mean, root } = moments(g, x);
        const scaled = g.op('Mul', [g.op('Mul', [g.op('Sub', [x, mean]), root]), counted(g, 4)]);
        return g.op('AddV2', [scaled, counted(g, 4)]);
      },
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
    [
      'as Keras 2 writes it',
      (g) => {
        const x = input(g);
        const rows = g.op('Reshape', [x, g.op('Pack', [g.ints(1), g.ints(-1), g.ints(4), g.ints(1)])]);
        const size = g.op('SomeSize', [x], {}, ['int32']);
        const filled = (value: number) => g.op('Fill', [size, scalar(g, value)], {}, ['float']);
        const of = { is_training: true, epsilon: { float: 0.25 }, data_format: 'NCHW' };
        const none = () => g.floats([0], []);
        const norm = g.op('FusedBatchNormV3', [rows, filled(1), filled(0), none(), none()], of);
        const back = g.op('Reshape', [norm, g.op('Shape', [x], {}, ['int32'])]);
        return g.op('AddV2', [g.op('Mul', [back, counted(g, 4)]), counted(g, 4)]);
      },
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
    [
      'with a division by the deviation',
      (g) => {
        const x = input(g);
        const mean = g.op('Mean', [x, g.ints([2])], { keep_dims: true });
        const difference = g.op('Sub', [x, mean]);
        const variance = g.op('Mean', [g.op('Square', [difference]), g.ints([2])], { keep_dims: true });
        return g.op('RealDiv', [difference, g.op('Sqrt', [g.op('AddV2', [variance, scalar(g, 0.25)])])]);
      },
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ],
  ])('%s', (_, build, scale, offset) => {
    const { ops, end } = rewritten(build);
    expect(ops).toEqual(['_LayerNormalization']);
    expect([values(end, 1), values(end, 2)]).toEqual([scale, offset]);
    expect(end.node.attributes.get('epsilon')).toEqual({ kind: 'float', value: 0.25 });
    expect(end.node.attributes.get('axis')).toEqual({ kind: 'int', value: 2n });
  });

  it('only over the last dimensions', () => {
    const { ops } = rewritten((g) => {
      const x = input(g);
      const mean = g.op('Mean', [x, g.ints([1])], { keep_dims: true });
      const variance = g.op('Mean', [g.op('SquaredDifference', [x, mean]), g.ints([1])], { keep_dims: true });
      return g.op('Mul', [g.op('Sub', [x, mean]), g.op('Rsqrt', [g.op('AddV2', [variance, scalar(g, 0.25)])])]);
    });
    expect(ops).not.toContain('_LayerNormalization');
  });
});

describe('an activation is found', () => {
  const x = (g: SmallGraph) => g.input('x', [-1, 4]);
  const cubic = (g: SmallGraph, of: Endpoint, cube: Endpoint) => {
    const sum = g.op('AddV2', [of, g.op('Mul', [scalar(g, 0.044715), cube])]);
    const tanh = g.op('Tanh', [g.op('Mul', [scalar(g, Math.sqrt(2 / Math.PI)), sum])]);
    return g.op('Mul', [g.op('Mul', [scalar(g, 0.5), of]), g.op('AddV2', [scalar(g, 1), tanh])]);
  };

  it.each<[string, (g: SmallGraph) => Endpoint, Record<string, unknown>]>([
    [
      '_Gelu',
      (g) => {
        const from = x(g);
        const erf = g.op('Erf', [g.op('RealDiv', [from, scalar(g, Math.SQRT2)])]);
        return g.op('Mul', [g.op('Mul', [from, scalar(g, 0.5)]), g.op('AddV2', [erf, scalar(g, 1)])]);
      },
      { approximate: { kind: 'bool', value: false } },
    ],
    [
      '_Gelu',
      (g) => {
        const from = x(g);
        const erfc = g.op('Erfc', [g.op('Mul', [g.op('Neg', [from]), scalar(g, Math.SQRT1_2)])]);
        return g.op('Mul', [g.op('Mul', [scalar(g, 0.5), from]), erfc]);
      },
      { approximate: { kind: 'bool', value: false } },
    ],
    [
      '_Gelu',
      (g) => {
        const from = x(g);
        return cubic(g, from, g.op('Pow', [from, scalar(g, 3)]));
      },
      { approximate: { kind: 'bool', value: true } },
    ],
    [
      '_Gelu',
      (g) => {
        const from = x(g);
        return cubic(g, from, g.op('Mul', [g.op('Square', [from]), from]));
      },
      { approximate: { kind: 'bool', value: true } },
    ],
    ['_HardSigmoid', (g) => g.op('Mul', [g.op('Relu6', [g.op('AddV2', [x(g), scalar(g, 3)])]), scalar(g, 1 / 6)]), {}],
    [
      '_HardSwish',
      (g) => {
        const from = x(g);
        return g.op('Mul', [
          from,
          g.op('RealDiv', [g.op('Relu6', [g.op('AddV2', [from, scalar(g, 3)])]), scalar(g, 6)]),
        ]);
      },
      {},
    ],
    [
      'LeakyRelu',
      (g) => {
        const from = x(g);
        return g.op('Maximum', [from, g.op('Mul', [from, scalar(g, 0.25)])]);
      },
      { alpha: { kind: 'float', value: 0.25 } },
    ],
    [
      'LeakyRelu',
      (g) => {
        const from = x(g);
        const negative = g.op('Mul', [g.op('Relu', [g.op('Neg', [from])]), scalar(g, 0.25)]);
        return g.op('Sub', [g.op('Relu', [from]), negative]);
      },
      { alpha: { kind: 'float', value: 0.25 } },
    ],
    [
      '_PRelu',
      (g) => {
        const from = x(g);
        const negative = g.op('Mul', [counted(g, 4), g.op('Relu', [g.op('Neg', [from])])]);
        return g.op('AddV2', [g.op('Relu', [from]), negative]);
      },
      { sign: { kind: 'float', value: -1 } },
    ],
    ['ClipByValue', (g) => g.op('Minimum', [g.op('Maximum', [x(g), scalar(g, 0)]), scalar(g, 6)]), {}],
    [
      '_Mish',
      (g) => {
        const from = x(g);
        return g.op('Mul', [from, g.op('Tanh', [g.op('Softplus', [from])])]);
      },
      {},
    ],
  ])('%s', (op, build, attributes) => {
    const { ops, end } = rewritten(build);
    expect(ops).toEqual([op]);
    expect(Object.fromEntries(end.node.attributes)).toMatchObject(attributes);
  });

  it.each<[string, (g: SmallGraph) => Endpoint]>([
    [
      'with another constant',
      (g) => {
        const from = x(g);
        const erf = g.op('Erf', [g.op('Mul', [from, scalar(g, 0.8)])]);
        return g.op('Mul', [g.op('Mul', [from, scalar(g, 0.5)]), g.op('AddV2', [erf, scalar(g, 1)])]);
      },
    ],
    [
      'of another value',
      (g) => {
        const erf = g.op('Erf', [g.op('Mul', [x(g), scalar(g, Math.SQRT1_2)])]);
        return g.op('Mul', [g.op('Mul', [g.input('z', [-1, 4]), scalar(g, 0.5)]), g.op('AddV2', [erf, scalar(g, 1)])]);
      },
    ],
    [
      'with a slope that turns it around',
      (g) => {
        const from = x(g);
        return g.op('Maximum', [from, g.op('Mul', [from, scalar(g, 2)])]);
      },
    ],
    ['with bounds that cross', (g) => g.op('Minimum', [g.op('Maximum', [x(g), scalar(g, 6)]), scalar(g, 0)])],
  ])('but not %s', (_, build) => {
    expect(rewritten(build).ops.length).toBeGreaterThan(1);
  });
});
