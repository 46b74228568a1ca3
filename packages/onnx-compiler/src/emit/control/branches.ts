/** `If` and `Case` as ONNX's `If`. */
import { type DataType, dataTypeInfo } from '@serving/core/tensor';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import type {
  EmitContext,
  Emitter,
  EmitterTable,
  GuardPart,
  GuardValue,
  OnnxBuilder,
  OnnxSubgraph,
  OnnxValue,
} from '../emitter.js';
import { inputValues } from '../node-inputs.js';
import { booleanScalar } from './conditions.js';

/** Writes a branch and returns its results. */
export type BranchWriter = (builder: OnnxBuilder) => readonly OnnxValue[];

interface WrittenBranch {
  readonly graph: OnnxSubgraph;
  readonly builder: OnnxBuilder;
  readonly guards: readonly GuardValue[];
}

/**
 * Writes an `If` whose branches have results of these data types. Guards of a branch become guards of the graph around it, which hold
 * when the other branch is taken.
 */
export function writeIf(
  builder: OnnxBuilder,
  predicate: OnnxValue,
  dtypes: readonly DataType[],
  thenBranch: BranchWriter,
  elseBranch: BranchWriter,
): OnnxValue[] {
  const branches = [thenBranch, elseBranch].map((write) => writeBranch(builder, dtypes, write));
  const further: { readonly name: OnnxValue; readonly dtype: DataType }[][] = [[], []];
  /** Adds an output that is `value` in one branch and a constant in the other; returns its place. */
  const add = (own: number, value: OnnxValue, dtype: DataType, otherwise: 0 | 1): number => {
    const { builder: other } = branches[1 - own]!;
    further[own]!.push({ name: branches[own]!.builder.node('Identity', [value]), dtype });
    further[1 - own]!.push({
      name: other.node('Identity', [other.scalar(dtype, constantOf(dtype, otherwise))]),
      dtype,
    });
    return dtypes.length + further[own]!.length - 1;
  };
  const placed = branches.flatMap(({ guards }, own) =>
    guards.map(({ condition, message }) => ({
      condition: add(own, condition, 'bool', 1),
      message: message.map((part) => placedPart(part, (value, dtype) => add(own, value, dtype, 0))),
    })),
  );
  const [thenGraph, elseGraph] = branches.map(({ graph }, i) => ({
    ...graph,
    outputs: [...graph.outputs, ...further[i]!],
  }));
  const values = builder.nodes('If', [predicate], dtypes.length + further[0]!.length, {
    then_branch: { graph: thenGraph! },
    else_branch: { graph: elseGraph! },
  });
  for (const { condition, message } of placed) {
    builder.guard(values[condition]!, ...message.map((part) => part((place) => values[place]!)));
  }
  return values.slice(0, dtypes.length);
}

function writeBranch(builder: OnnxBuilder, dtypes: readonly DataType[], write: BranchWriter): WrittenBranch {
  let inner: OnnxBuilder | undefined;
  let guards: GuardValue[] = [];
  const graph = builder.subgraph([], (branch) => {
    inner = branch;
    const results = write(branch);
    guards = branch.takeGuards();
    return dtypes.map((dtype, i) => ({ name: results[i]!, dtype }));
  });
  return { graph, builder: inner!, guards };
}

type PlacedPart = (valueAt: (place: number) => OnnxValue) => GuardPart;

/** A part of a message, with the places of its values among the outputs. */
function placedPart(part: GuardPart, place: (value: OnnxValue, dtype: DataType) => number): PlacedPart {
  if (typeof part === 'string') return () => part;
  const { value, dtype, outside } = part;
  const at = place(value, dtype);
  if (!outside) return (valueAt) => ({ value: valueAt(at), dtype });
  const { min, max } = outside;
  const limit = typeof max === 'object' ? place(max.value, 'int64') : undefined;
  return (valueAt) => ({
    value: valueAt(at),
    dtype,
    outside: { min, max: limit === undefined ? max : { value: valueAt(limit) } },
  });
}

function constantOf(dtype: DataType, value: 0 | 1): number | bigint {
  const { array } = dataTypeInfo(dtype);
  return array === BigInt64Array || array === BigUint64Array ? BigInt(value) : value;
}

/** `Case` becomes an `If` in an `If` for each branch. */
const MAX_BRANCHES = 200;

const outputTypesOf = ({ outputs }: GraphNode): DataType[] => outputs.map(({ dtype }) => dtype);

const writerOf =
  (node: GraphNode, name: string, values: readonly OnnxValue[], context: EmitContext): BranchWriter =>
  (builder) =>
    context.inline(builder, node.subgraphs![name]!, values);

const ifElse: Emitter = (node, builder, context) => {
  const [predicate = '', ...values] = inputValues(node, context);
  const condition = booleanScalar(node, node.inputs[0]!, predicate, builder, context);
  return writeIf(
    builder,
    condition,
    outputTypesOf(node),
    writerOf(node, 'then_branch', values, context),
    writerOf(node, 'else_branch', values, context),
  );
};

const choice: Emitter = (node, builder, context) => {
  const [index = '', ...values] = inputValues(node, context);
  const count = Object.keys(node.subgraphs!).length;
  if (count > MAX_BRANCHES) return context.refuse(node, `more than ${MAX_BRANCHES} branches`);
  checkIndex(node, node.inputs[0]!, context);
  /** The branches from `first` on; the last one is taken for every index that is out of range. */
  const write = (first: number): BranchWriter => {
    const own = writerOf(node, `branch_${first}`, values, context);
    if (first === count - 1) return own;
    return (inner) => {
      const isFirst = inner.node('Equal', [index, inner.scalar('int32', first)]);
      return writeIf(inner, isFirst, outputTypesOf(node), own, write(first + 1));
    };
  };
  return [...write(0)(builder)];
};

function checkIndex(node: GraphNode, { node: source, index }: Endpoint, context: EmitContext): void {
  const { shape } = source.outputs[index]!;
  if (shape === undefined) context.refuse(node, 'needs a known rank of its branch index');
  if (shape.length > 0) context.refuse(node, 'a branch index that is not a scalar');
}

export const branches: EmitterTable = { If: ifElse, Case: choice };
