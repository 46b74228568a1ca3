import { createTensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import type { ConstantValue, Endpoint } from '../graph/graph.js';
import { valueNode } from '../graph/new-node.js';
import { outputOf, SmallGraph } from '../graph/small-graph.test-support.js';
import type { Refusal } from '../program/program.js';
import { type EmitModelOptions, emitModel } from './emit-model.js';
import { type ReadModel, readModel } from './read-model.test-support.js';

const defaults: EmitModelOptions = { float64: 'refuse', guards: true, nan: 'onnx' };

function emit(outputs: readonly Endpoint[], inputs: readonly Endpoint[], options: EmitModelOptions = defaults) {
  const refusals: Refusal[] = [];
  const part = {
    inputs: inputs.map((source, value) => ({ source, value })),
    outputs: outputs.map((source, i) => ({ source, value: inputs.length + i })),
    guards: [],
  };
  return { emitted: emitModel(part, options, refusals), refusals };
}

function model(outputs: readonly Endpoint[], inputs: readonly Endpoint[], options?: EmitModelOptions): ReadModel {
  const { emitted, refusals } = emit(outputs, inputs, options);
  expect(refusals).toEqual([]);
  return readModel(emitted!.step.model);
}

const operators = ({ nodes }: ReadModel): string[] => nodes.map(({ op }) => op);

function fileValue(length: number): ConstantValue {
  return {
    dtype: 'float',
    shape: [length],
    file: { path: '/models/m/1/variables/variables.data-00000-of-00001', offset: 12, length: 4 * length },
    tensor: () => createTensor('float', [length], new Float32Array(length)),
  };
}

describe('emitModel', () => {
  it('writes each node once, with names of its own, and every output by an Identity', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 2]);
    const y = g.op('Tanh', [g.op('AddV2', [x, x])]);
    const read = model([y, g.op('Neg', [y])], [x]);
    expect(operators(read)).toEqual(['Add', 'Tanh', 'Neg', 'Identity', 'Identity']);
    const names = read.nodes.flatMap(({ outputs }) => outputs);
    expect(new Set(names).size).toBe(names.length);
  });

  it('writes equal constants once', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1]);
    const y = g.op('Mul', [g.op('AddV2', [x, g.floats([], [2])]), g.floats([], [2])]);
    expect(model([y], [x]).initializers).toMatchObject([{ dtype: 1, dims: [], rawBytes: 4 }]);
  });

  it('keeps tensors of one memory and different shapes apart', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1]);
    const data = new Float32Array(600);
    const flat = g.constant(createTensor('float', [600], data));
    const square = g.constant(createTensor('float', [20, 30], data));
    const read = model([g.op('AddV2', [x, flat]), g.op('AddV2', [x, square])], [x]);
    expect(read.initializers.map(({ dims }) => dims)).toEqual([[600], [20, 30]]);
  });

  it('refers to large weights by their place in the file, and holds small ones', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1]);
    const weights = [100, 3].map((length) => ({ node: valueNode(`w${length}`, fileValue(length)), index: 0 }));
    const outputs = weights.map((w) => g.op('Mul', [x, w]));
    const { emitted } = emit(outputs, [x]);
    expect(readModel(emitted!.step.model).initializers).toMatchObject([
      {
        rawBytes: 0,
        external: { location: 'models/m/1/variables/variables.data-00000-of-00001', offset: '12', length: '400' },
      },
      { rawBytes: 12, external: {} },
    ]);
    expect(emitted!.step.externalWeights).toMatchObject([{ offset: 12, length: 400 }]);
  });

  it('raises the operator set for operators that need it', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 3]);
    const product = g.op('Cumprod', [x, g.ints(1)], { exclusive: false, reverse: false });
    expect(model([g.op('Tanh', [x])], [x]).opsets).toEqual({ '': 20 });
    expect(model([product], [x]).opsets).toEqual({ '': 26 });
  });

  it('names TensorFlow’s nodes', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1]);
    const y = g.op('Tanh', [x]);
    expect([...emit([y], [x]).emitted!.step.nodeNames.values()]).toContain(y.node.name);
  });

  it('finds all reasons to refuse a graph', () => {
    const g = new SmallGraph();
    const x = g.input('x', [-1, 2, 2], 'double');
    const det = g.op('MatrixDeterminant', [x]);
    const { emitted, refusals } = emit([g.op('Svd', [det]), g.op('Digamma', [x])], [x]);
    expect(emitted).toBeUndefined();
    expect(refusals.map(({ op, reason }) => `${op}: ${reason}`)).toEqual([
      'MatrixDeterminant: no float64 kernel in ONNX Runtime; pass { float64: "float32" } to accept float32 results',
      'Svd: no ONNX operator',
      'Digamma: no ONNX operator',
    ]);
  });

  it.each(['string', 'complex64', 'variant'] as const)('refuses outputs of dtype %s', (dtype) => {
    const g = new SmallGraph();
    const x = g.input('x', [-1]);
    const y = g.op('Identity', [x], {}, [dtype as 'string']);
    expect(emit([y], [x]).refusals.length).toBeGreaterThan(0);
  });
});

describe('divisors of integers', () => {
  function division(op: string, divisor: (g: SmallGraph) => Endpoint) {
    const g = new SmallGraph();
    const x = g.input('x', [-1], 'int32');
    const y = divisor(g);
    const { emitted } = emit([g.op(op, [x, y])], y.node.op === '_Input' ? [x, y] : [x], { ...defaults, guards: false });
    return { read: readModel(emitted!.step.model), guards: emitted!.step.guards };
  }

  it.each(['Div', 'FloorDiv', 'FloorMod', 'TruncateMod'])('of %s go through a guard, whatever the options', (op) => {
    const { read, guards } = division(op, (g) => g.input('y', [-1], 'int32'));
    expect(guards.map(({ message }) => message)).toEqual([['Integer division by zero']]);
    const operator = read.nodes.find((node) => node.op === 'Div' || node.op === 'Mod')!;
    const divisor = read.nodes.find(({ outputs }) => outputs[0] === operator.inputs[1]);
    expect(divisor?.op).toBe('Where');
  });

  it.each(['Div', 'FloorDiv', 'FloorMod', 'TruncateMod'])('of %s that are harmless constants need none', (op) => {
    const { read, guards } = division(op, (g) => g.ints(3));
    expect(guards).toEqual([]);
    expect(operators(read)).not.toContain('ReduceMin');
  });

  it.each([0, -1])('of %s as a constant go through a guard', (value) => {
    expect(division('Div', (g) => g.ints(value)).guards).toHaveLength(1);
  });
});

describe('rows of TopK', () => {
  const topK = (rows: number) => {
    const g = new SmallGraph();
    const x = g.input('x', [rows, 5]);
    const top = g.op('TopKV2', [x, g.ints(2)], { sorted: true }, ['float', 'int32']);
    return operators(model([top, outputOf(top, 1)], [x]));
  };

  it('get one more in front of the kernel, where there may be none', () => {
    expect(topK(-1)).toContain('Concat');
  });

  it('are as they are where their number is known', () => {
    expect(topK(3)).not.toContain('Concat');
  });
});
