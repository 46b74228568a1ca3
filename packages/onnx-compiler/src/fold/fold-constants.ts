/** Replaces what is known at load by constants. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, isTensorDataType, type Tensor, type TensorDataType } from '@serving/core/tensor';
import type { ConstantValue, Endpoint, GraphNode, OutputInfo, SignatureGraph } from '../graph/graph.js';
import { constantNode, valueNode } from '../graph/new-node.js';
import { allNodes, applyReplacements, Replacements } from '../graph/rewire.js';
import type { KernelFactory } from '../kernels/kernel.js';
import { kernelFor } from '../kernels/kernel-table.js';
import { productOf, sameDimension } from '../shapes/dimension.js';
import { inferShapes, type ShapeFacts } from '../shapes/infer-shapes.js';
import { chooseBranch } from './choose-branch.js';
import { copySizes } from './copy-sizes.js';
import { foldableOperations, growingOperations, sameValueOperations } from './foldable-operations.js';
import { InputSizes } from './input-sizes.js';
import { markMultiples } from './mark-multiples.js';

/** Larger constants stay as they are, so that folding costs neither time nor memory. */
const MAX_ELEMENTS = 65_536;

/** Each round may make the next one possible; a graph has no more rounds than nested control flow and sizes need. */
const MAX_ROUNDS = 16;

/** Looks up the kernel of an operation. */
export type KernelLookup = (op: string) => KernelFactory | undefined;

/**
 * Infers shapes, and replaces operations on constants, sizes that are known and branches that are chosen at load by their results.
 * Operations that return their input are left out. Returns what is known about the shapes of the graph that remains.
 */
export function foldConstants(graph: SignatureGraph, kernels: KernelLookup = kernelFor): ShapeFacts {
  let facts = inferShapes(graph);
  const sizes = new InputSizes();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!foldOnce(graph, kernels, facts, sizes)) break;
    facts = inferShapes(graph);
  }
  if (copySizes(graph, facts)) facts = inferShapes(graph);
  markMultiples(graph, facts);
  return facts;
}

function foldOnce(graph: SignatureGraph, kernels: KernelLookup, facts: ShapeFacts, sizes: InputSizes): boolean {
  const replacements = new Replacements();
  const nodes = allNodes(graph);
  // Stages see one request where models see a batch: sizes stay where they are read.
  const isNumeric = nodes.every(({ table, outputs }) => table === undefined && outputs.every(isNumber));
  for (const node of nodes) {
    if (node.op === 'Const' || node.op === '_Input' || node.op === '_Argument') continue;
    const inputs = node.inputs.map((input) => replacements.get(input));
    const results =
      unchanged(node, inputs, facts) ??
      chooseBranch(node, inputs) ??
      knownSizes(node, facts) ??
      (isNumeric ? sizes.find(node, facts) : undefined) ??
      otherShape(node, inputs, facts) ??
      computed(node, inputs, kernels, facts);
    for (const [index, result] of results?.entries() ?? []) {
      if (result !== undefined) replacements.set({ node, index }, result);
    }
  }
  applyReplacements(graph, nodes, replacements);
  applyReplacements(graph, allNodes(graph), replacements);
  return replacements.size > 0;
}

const isNumber = ({ dtype }: OutputInfo): boolean => dtype !== 'string' && dtype !== 'resource' && dtype !== 'variant';

type Results = readonly (Endpoint | undefined)[] | undefined;

/** Operations whose result is their input. */
function unchanged(node: GraphNode, inputs: readonly Endpoint[], facts: ShapeFacts): Results {
  if (sameValueOperations.has(node.op)) return node.outputs.map((_, i) => inputs[i]);
  if (node.op === 'Select' || node.op === 'SelectV2') return chosen(node, inputs, facts);
  if (node.op !== 'Reshape') return undefined;
  const [from, to] = [facts.dimensions(node.inputs[0]!), facts.dimensions({ node, index: 0 })];
  const isSame = from?.length === to?.length && from?.every((size, i) => sameDimension(size, to![i]!));
  return isSame ? [inputs[0]] : undefined;
}

/** A side of `Select` that a scalar constant chooses, where it has the result's shape. */
function chosen(node: GraphNode, inputs: readonly Endpoint[], facts: ShapeFacts): Results {
  const condition = inputs[0]!.node.constant;
  if (condition?.shape.length !== 0) return undefined;
  const side = (condition.tensor() as Tensor<'bool'>).data[0] === 0 ? 2 : 1;
  const [own, result] = [facts.dimensions(node.inputs[side]!), facts.dimensions({ node, index: 0 })];
  if (own === undefined || own.length !== result?.length) return undefined;
  return own.every((size, i) => sameDimension(size, result[i]!)) ? [inputs[side]] : undefined;
}

/** Integers that are made of sizes. */
function knownSizes(node: GraphNode, facts: ShapeFacts): Results {
  if (node.subgraphs !== undefined) return undefined;
  const results = node.outputs.map(({ dtype }, index) => {
    const vector = facts.vector({ node, index });
    const rank = facts.dimensions({ node, index })?.length;
    if (rank === undefined || rank > 1 || !vector?.every((element) => typeof element === 'number')) return undefined;
    const shape = rank === 0 ? [] : [vector.length];
    const name = index === 0 ? node.name : `${node.name}:${index}`;
    if (dtype === 'int64') {
      return constantEndpoint(name, { dtype, shape, data: BigInt64Array.from(vector, (size) => BigInt(size)) });
    }
    return dtype === 'int32' ? constantEndpoint(name, { dtype, shape, data: Int32Array.from(vector) }) : undefined;
  });
  return results.some((result) => result !== undefined) ? results : undefined;
}

/** A constant of any size in another shape: the same bytes. */
function otherShape(node: GraphNode, inputs: readonly Endpoint[], facts: ShapeFacts): Results {
  const constant = inputs[0]?.node.constant;
  if (constant === undefined || !['Reshape', 'Squeeze', 'ExpandDims'].includes(node.op)) return undefined;
  const shape = facts.dimensions({ node, index: 0 });
  if (!shape?.every((size) => typeof size === 'number') || productOf(shape) !== productOf(constant.shape))
    return undefined;
  const reshaped: ConstantValue = {
    dtype: constant.dtype,
    shape,
    tensor: () => ({ ...constant.tensor(), shape }),
    ...(constant.file && { file: constant.file }),
  };
  return [{ node: valueNode(node.name, reshaped), index: 0 }];
}

/** What a kernel makes of constants. A kernel that refuses them leaves the error to the run. */
function computed(node: GraphNode, inputs: readonly Endpoint[], kernels: KernelLookup, facts: ShapeFacts): Results {
  if (!foldableOperations.has(node.op) || inputs.length === 0) return undefined;
  const constants = inputs.map((input) => input.node.constant);
  if (!constants.every((constant) => constant !== undefined)) return undefined;
  const elements = constants.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  if (elements > MAX_ELEMENTS || !isSmall(node, facts)) return undefined;
  const factory = kernels(node.op);
  if (factory === undefined) return undefined;
  try {
    const context = { attributes: node.attributes };
    const tensors = factory(context)(
      constants.map((constant) => constant.tensor()),
      context,
    );
    return tensors.map((tensor, i) => constantEndpoint(i === 0 ? node.name : `${node.name}:${i}`, tensor));
  } catch (error) {
    if (error instanceof ServingError) return undefined;
    throw error;
  }
}

function isSmall(node: GraphNode, facts: ShapeFacts): boolean {
  return node.outputs.every(({ dtype }, index) => {
    const shape = facts.dimensions({ node, index });
    const size = shape && productOf(shape);
    if (!isTensorDataType(dtype) || dataTypeInfo(dtype as TensorDataType).width !== 1) return false;
    return typeof size === 'number' ? size <= MAX_ELEMENTS : !growingOperations.has(node.op);
  });
}

const constantEndpoint = (name: string, tensor: Tensor): Endpoint => ({ node: constantNode(name, tensor), index: 0 });
