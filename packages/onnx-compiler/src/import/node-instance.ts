/** Makes nodes of the compiler's graph of the file's nodes. */
import { ServingError } from '@serving/core';
import type { PartialShape } from '@serving/core/tensor';
import type { Attributes } from '../graph/attributes.js';
import type { GraphNode } from '../graph/graph.js';
import { opDef, outputTypes } from '../op-defs/op-def.js';

/** A node without inputs, whose outputs have the shapes that the file declares. Outputs of unknown operations are not known. */
export function makeInstance(name: string, op: string, attributes: Attributes): GraphNode {
  if (op === 'Const' || op === 'HostConst') return constantInstance(name, attributes);
  const definition = opDef(op);
  const types = definition ? outputTypes(definition, attributes) : [];
  const shapes = declaredShapes(op, attributes);
  return {
    op: op.replace(/^Stateless(?=(If|While|Case)$)/, ''),
    name,
    attributes,
    inputs: [],
    outputs: types.map((dtype, i) => ({ dtype, shape: shapes[i] })),
  };
}

function constantInstance(name: string, attributes: Attributes): GraphNode {
  const value = attributes.get('value');
  if (value?.kind !== 'tensor') throw new ServingError('FAILED_PRECONDITION', `Constant "${name}" has no value`);
  const tensor = value.value;
  const { dtype, shape } = tensor;
  const constant = { dtype, shape, tensor: () => tensor };
  return { op: 'Const', name, attributes, inputs: [], outputs: [{ dtype, shape }], constant };
}

function declaredShapes(op: string, attributes: Attributes): readonly PartialShape[] {
  const shapes = attributes.get('_output_shapes');
  if (shapes?.kind === 'list') return shapes.value.map((shape) => (shape.kind === 'shape' ? shape.value : undefined));
  const own = op.startsWith('Placeholder') || op.startsWith('Variable') ? attributes.get('shape') : undefined;
  return own?.kind === 'shape' ? [own.value] : [];
}
