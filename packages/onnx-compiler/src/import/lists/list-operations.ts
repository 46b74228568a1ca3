/** Operations on lists as operations on tensors. */

import type { PartialShape } from '@serving/core/tensor';
import { boolAttribute, shapeAttribute } from '../../graph/attribute-readers.js';
import type { AttributeValue } from '../../graph/attributes.js';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import { typeValue } from '../../op-defs/make-node.js';
import {
  constantInteger,
  constantShape,
  dtypeOf,
  elementType,
  ListNodes,
  type ListValue,
  mergedShape,
  type ReservedList,
  type StackedList,
} from './list-value.js';

/** What an operation on lists returns: a list, or tensors. `undefined` where it can't be lowered. */
export type LoweredResult =
  | { readonly list: ListValue }
  | { readonly tensors: readonly (Endpoint | undefined)[] }
  | undefined;

/** @param list the value of the first input, where that is a list. */
type Lowering = (node: GraphNode, inputs: readonly Endpoint[], list: ListValue) => LoweredResult;

const none: ListValue = { kind: 'stacked', dtype: 'invalid', tensor: undefined as never };

/** Lowers a node whose list inputs are known. */
export function lowerOperation(
  node: GraphNode,
  inputs: readonly Endpoint[],
  list: ListValue | undefined,
): LoweredResult {
  const lower = lowerings[node.op];
  if (!lower || (list === undefined && !sources.has(node.op))) return undefined;
  return lower(node, inputs, list ?? none);
}

/** Operations that make lists of tensors. */
const sources: ReadonlySet<string> = new Set(['TensorListFromTensor', 'TensorListReserve', 'EmptyTensorList']);

const lowerings: Readonly<Record<string, Lowering>> = {
  TensorListFromTensor: (node, [tensor]) => ({ list: { kind: 'stacked', dtype: elementType(node), tensor: tensor! } }),
  TensorListReserve: (node, [shape, count]) => ({
    list: { kind: 'reserved', dtype: elementType(node), elementShape: constantShape(shape!), count: count!, set: [] },
  }),
  EmptyTensorList: (node, [shape]) => ({
    list: {
      kind: 'reserved',
      dtype: elementType(node),
      elementShape: constantShape(shape!),
      count: new ListNodes(node.name).int(0),
      set: [],
    },
  }),
  TensorListSetItem: (node, [, index, value], list) => setItem(node, index!, value!, list),
  TensorListPushBack: (node, [, value], list) => pushBack(node, value!, list),
  TensorListGetItem: (node, [, index], list) => {
    if (list.kind === 'reserved') {
      const item = list.set[constantInteger(index!) ?? -1];
      if (item) return { tensors: [item] };
    }
    const stacked = stackedList(node, list);
    return stacked && { tensors: [new ListNodes(node.name).row(stacked, index!)] };
  },
  TensorListLength: (node, _, list) => ({ tensors: [lengthOf(node, list)] }),
  TensorListStack: (node, [, shape], list) => {
    const stacked = stackedList(node, list, shape);
    if (!stacked) return undefined;
    nameElementShape(node, stacked, shape && constantShape(shape));
    return { tensors: [stacked.tensor] };
  },
  TensorListGather: (node, [, indices, shape], list) => {
    const stacked = stackedList(node, list, shape);
    return stacked && { tensors: [new ListNodes(node.name).row(stacked, indices!)] };
  },
  TensorListConcatV2: (node, [, shape], list) => concatenatedRows(node, list, shape),
  TensorListConcat: (node, _, list) => concatenatedRows(node, list, undefined),
};

function setItem(node: GraphNode, index: Endpoint, value: Endpoint, list: ListValue): LoweredResult {
  const place = constantInteger(index);
  if (list.kind === 'reserved' && place !== undefined && place <= list.set.length) {
    const set = [...list.set];
    set[place] = value;
    const size = constantInteger(list.count);
    const grows = size !== undefined && place >= size;
    if (grows && !resizes(node)) return undefined;
    return { list: { ...list, set, ...(grows && { count: new ListNodes(node.name).int(place + 1) }) } };
  }
  // A stacked list has its length.
  if (resizes(node)) return undefined;
  const stacked = stackedList(node, list);
  if (!stacked) return undefined;
  const { dtype, tensor } = stacked;
  const nodes = new ListNodes(node.name);
  const T = typeValue(dtypeOf(index));
  const indices = nodes.node('Reshape', [index, nodes.ints([1, 1])], { T });
  const rows = nodes.node('ExpandDims', [value, nodes.int(0)], { T: typeValue(dtype) });
  const types = { T: typeValue(dtype), Tindices: T };
  return { list: { ...stacked, tensor: nodes.node('TensorScatterUpdate', [tensor, indices, rows], types) } };
}

function resizes({ attributes }: GraphNode): boolean {
  return attributes.has('resize_if_index_out_of_bounds') && boolAttribute(attributes, 'resize_if_index_out_of_bounds');
}

function pushBack(node: GraphNode, value: Endpoint, list: ListValue): LoweredResult {
  const nodes = new ListNodes(node.name);
  if (list.kind === 'reserved' && constantInteger(list.count) === list.set.length) {
    const set = [...list.set, value];
    return { list: { ...list, set, count: nodes.int(set.length) } };
  }
  const stacked = stackedList(node, list);
  if (!stacked) return undefined;
  const row = nodes.node('ExpandDims', [value, nodes.int(0)], { T: typeValue(stacked.dtype) });
  return { list: { ...stacked, tensor: nodes.concatenated(stacked.dtype, [stacked.tensor, row]) } };
}

function lengthOf(node: GraphNode, list: ListValue): Endpoint {
  const nodes = new ListNodes(node.name);
  if (list.kind === 'stacked') return nodes.rowCount(list.dtype, list.tensor);
  return list.count;
}

/** The elements one after the other along their first dimension, and how long each was: all are of one shape. */
function concatenatedRows(node: GraphNode, list: ListValue, shape: Endpoint | undefined): LoweredResult {
  const stacked = stackedList(node, list, undefined, shape && constantShape(shape)?.slice(1));
  if (!stacked) return undefined;
  const { dtype, tensor } = stacked;
  const nodes = new ListNodes(node.name);
  const sizes = nodes.node('Shape', [tensor], { T: typeValue(dtype) });
  const types = { T: typeValue('int32'), Index: typeValue('int32') };
  const rest = nodes.node('Slice', [sizes, nodes.ints([2]), nodes.ints([-1])], types);
  const target = nodes.concatenated('int32', [nodes.ints([-1]), rest]);
  const joined = nodes.node('Reshape', [tensor, target], { T: typeValue(dtype) });
  const length = nodes.node('Slice', [sizes, nodes.ints([1]), nodes.ints([1])], types);
  const count = nodes.node('Slice', [sizes, nodes.ints([0]), nodes.ints([1])], types);
  const lengths = nodes.node('Cast', [nodes.node('Tile', [length, count], { T: typeValue('int32') })], {
    SrcT: typeValue('int32'),
    DstT: typeValue('int64'),
  });
  return { tensors: [joined, lengths] };
}

/**
 * The list as one tensor, zeros for elements that were not set. `undefined` where their shape is not known.
 *
 * @param shape that the operation names for elements.
 */
export function stackedList(
  node: GraphNode,
  list: ListValue,
  shape?: Endpoint,
  merged: PartialShape = shape && constantShape(shape),
): StackedList | undefined {
  if (list.kind === 'stacked') return list;
  const { dtype, set } = list;
  const nodes = new ListNodes(node.name);
  const parts = set.length > 0 ? [nodes.packed(dtype, set)] : [];
  const size = constantInteger(list.count);
  if (size === undefined || size > set.length || parts.length === 0) {
    const rest = unsetRows(nodes, list, mergedShape(list.elementShape, merged));
    if (!rest) return undefined;
    parts.push(rest);
  }
  return { kind: 'stacked', dtype, tensor: nodes.concatenated(dtype, parts) };
}

function unsetRows(nodes: ListNodes, list: ReservedList, shape: readonly number[] | undefined): Endpoint | undefined {
  const { dtype, set, count } = list;
  const isKnown = shape?.every((size) => size >= 0);
  if (!isKnown && set.length === 0) return undefined;
  const int32 = { T: typeValue('int32') };
  const left = set.length === 0 ? count : nodes.node('Sub', [count, nodes.int(set.length)], int32);
  const element = isKnown ? nodes.ints(shape!) : nodes.node('Shape', [set[0]!], { T: typeValue(dtype) });
  const rows = nodes.node('Reshape', [left, nodes.ints([1])], int32);
  const sizes = nodes.concatenated('int32', [rows, element]);
  return nodes.node('Fill', [sizes, nodes.zero(dtype)], { T: typeValue(dtype) });
}

/** Completes what is known of the elements that a loop collects, for lists without any. */
function nameElementShape(node: GraphNode, { tensor: { node: rows } }: StackedList, shape: PartialShape): void {
  if (rows.op !== '_ScanResult' || boolAttribute(rows.attributes, 'has_element_shape')) return;
  const merged = mergedShape(shapeAttribute(rows.attributes, 'element_shape'), shape);
  const attributes = new Map<string, AttributeValue>([
    ...rows.attributes,
    ['element_shape', { kind: 'shape', value: merged }],
  ]);
  if (merged?.every((size) => size >= 0)) {
    attributes.set('has_element_shape', { kind: 'bool', value: true });
    rows.inputs.splice(1, 0, new ListNodes(node.name).ints(merged));
  }
  rows.attributes = attributes;
}
