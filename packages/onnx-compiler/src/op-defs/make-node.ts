/** Makes nodes of known operations. */
import type { DataType, PartialShape } from '@serving/core/tensor';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { opDef, outputTypes, withDefaults } from './op-def.js';

/** A node with the defaults of its attributes and the data types of its outputs; shapes are unknown. */
export function makeNode(
  name: string,
  op: string,
  inputs: readonly Endpoint[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): GraphNode {
  const definition = opDef(op)!;
  const all = withDefaults(definition, new Map(Object.entries(attributes)));
  const outputs = outputTypes(definition, all).map((dtype) => ({ dtype, shape: undefined as PartialShape }));
  return { op, name, attributes: all, inputs: [...inputs], outputs };
}

/** A data type as an attribute. */
export function typeValue(value: DataType): AttributeValue {
  return { kind: 'type', value };
}
