/** Graphs as objects, for tests that run nothing. */
import type { PartialShape } from '@serving/core/tensor';
import type { GraphFunction, GraphNode, GraphOutline, OpOutline } from '@serving/protos/saved-model';

interface NodeOptions {
  readonly integers?: Readonly<Record<string, readonly number[]>>;
  readonly strings?: Readonly<Record<string, string>>;
  readonly functions?: Readonly<Record<string, readonly string[]>>;
  readonly shapes?: readonly PartialShape[];
  readonly value?: readonly number[];
}

export function node(name: string, op: string, inputs: readonly string[] = [], options: NodeOptions = {}): GraphNode {
  const { integers = {}, strings = {}, functions = {}, shapes = [], value } = options;
  return {
    name,
    op,
    inputs,
    integers: new Map(Object.entries(integers)),
    strings: new Map(Object.entries(strings)),
    functions: new Map(Object.entries(functions)),
    outputShapes: shapes,
    ...(value && { value }),
  };
}

/** A placeholder `x` of this shape. */
export const input = (shape?: PartialShape): GraphNode => node('x', 'Placeholder', [], { shapes: [shape] });

/** A filter `w`. */
export const filter = (...shape: number[]): GraphNode => node('w', 'Const', [], { shapes: [shape] });

/** Constants of integers. */
export const constant = (name: string, ...value: number[]): GraphNode => node(name, 'Const', [], { value });

export const pool = (name: string, from: string, size: number, stride = size, padding = 'VALID'): GraphNode =>
  node(name, 'MaxPool', [from], {
    integers: { ksize: [1, size, size, 1], strides: [1, stride, stride, 1] },
    strings: { padding },
  });

export const convolution = (name: string, from: string, stride = 1, padding = 'VALID'): GraphNode =>
  node(name, 'Conv2D', [from, 'w'], { integers: { strides: [1, stride, stride, 1] }, strings: { padding } });

export function fn(
  name: string,
  inputs: readonly string[],
  results: readonly string[],
  ...nodes: GraphNode[]
): GraphFunction {
  return { name, inputs, results, nodes };
}

export function graphOf(
  nodes: readonly GraphNode[],
  functions: readonly GraphFunction[] = [],
  ops: Readonly<Record<string, Partial<OpOutline>>> = {},
): GraphOutline {
  return {
    nodes,
    functions: new Map(functions.map((one) => [one.name, one])),
    ops: new Map(Object.entries(ops).map(([name, op]) => [name, { isStateful: false, outputs: [], ...op }])),
  };
}
