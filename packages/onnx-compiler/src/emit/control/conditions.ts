/** Values that decide which way control flow goes. */
import type { GraphNode } from '../../graph/graph.js';
import { onnxDataType } from '../builder/onnx-data-type.js';
import type { EmitContext, OnnxBuilder, OnnxValue } from '../emitter.js';

/** A predicate as a boolean scalar: numbers other than 0 are true. */
export function booleanScalar(
  node: GraphNode,
  { node: source, index }: GraphNode['inputs'][number],
  value: OnnxValue,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const { dtype, shape } = source.outputs[index]!;
  if (dtype === 'string') return context.refuse(node, 'a predicate that is a string');
  if (shape === undefined) return context.refuse(node, 'needs a known rank of its predicate');
  if (shape.length > 0) return context.refuse(node, 'a predicate that is not a scalar');
  return dtype === 'bool' ? value : builder.node('Cast', [value], { to: { int: onnxDataType('bool')! } });
}
