/** Nodes that passes add. */
import type { Tensor } from '@serving/core/tensor';
import type { AttributeValue } from './attributes.js';
import type { ConstantValue, Endpoint, GraphNode, OutputInfo } from './graph.js';

/** A constant in memory. */
export function constantNode(name: string, value: Tensor): GraphNode {
  return valueNode(name, { dtype: value.dtype, shape: value.shape, tensor: () => value });
}

/** A constant whose bytes may be in a file. */
export function valueNode(name: string, constant: ConstantValue): GraphNode {
  const outputs = [{ dtype: constant.dtype, shape: constant.shape }];
  return { op: 'Const', name, attributes: new Map(), inputs: [], outputs, constant };
}

/** An operation. */
export function newNode(
  op: string,
  name: string,
  inputs: readonly Endpoint[],
  outputs: readonly OutputInfo[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): GraphNode {
  return {
    op,
    name,
    attributes: new Map(Object.entries(attributes)),
    inputs: [...inputs],
    outputs: outputs.map((output) => ({ ...output })),
  };
}
