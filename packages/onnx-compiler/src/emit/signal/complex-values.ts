/** Complex tensors as real ones: the last dimension holds the real and the imaginary part. */
import type { DataType } from '@serving/core/tensor';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, OnnxBuilder, OnnxValue } from '../emitter.js';

/** A complex value's parts. */
export interface ComplexParts {
  readonly real: OnnxValue;
  readonly imaginary: OnnxValue;
}

const PARTS: Partial<Record<DataType, DataType>> = { complex64: 'float', complex128: 'double' };

/** The type of the parts of a complex type; `undefined` for other types. */
export function partType(dtype: DataType): DataType | undefined {
  return PARTS[dtype];
}

/** Whether an input or output of a node is complex. */
export function touchesComplex(node: GraphNode): boolean {
  const isComplex = (dtype: DataType | undefined): boolean => dtype === 'complex64' || dtype === 'complex128';
  return (
    node.outputs.some(({ dtype }) => isComplex(dtype)) ||
    node.inputs.some(({ node: source, index }) => isComplex(source.outputs[index]?.dtype))
  );
}

export function splitComplex(builder: OnnxBuilder, value: OnnxValue): ComplexParts {
  const part = (index: number): OnnxValue =>
    builder.node('Gather', [value, builder.scalar('int64', index)], { axis: { int: -1 } });
  return { real: part(0), imaginary: part(1) };
}

export function joinComplex(builder: OnnxBuilder, { real, imaginary }: ComplexParts): OnnxValue {
  const last = builder.int64s([-1]);
  const parts = [real, imaginary].map((part) => builder.node('Unsqueeze', [part, last]));
  return builder.node('Concat', parts, { axis: { int: -1 } });
}

/** An operator that moves elements: what it does to the real parts, it does to the imaginary ones. */
export function onEachPart(emitter: Emitter): Emitter {
  return (node, builder, context) => {
    const inputs = node.inputs.map((input) => {
      const { dtype } = input.node.outputs[input.index]!;
      return partType(dtype) === undefined ? undefined : splitComplex(builder, context.value(input));
    });
    const run = (part: keyof ComplexParts): OnnxValue[] => {
      const values = new Map<GraphNode, OnnxValue>();
      const given = node.inputs.map((input, i): Endpoint => {
        const parts = inputs[i];
        if (parts === undefined) return input;
        const stand = standIn(input);
        values.set(stand, parts[part]);
        return { node: stand, index: 0 };
      });
      const outputs = node.outputs.map(({ dtype, shape }) => ({ dtype: partType(dtype) ?? dtype, shape }));
      return emitter({ ...node, inputs: given, outputs }, builder, withValues(context, values));
    };
    const [real, imaginary] = [run('real'), run('imaginary')];
    return real.map((part, i) => joinComplex(builder, { real: part, imaginary: imaginary[i]! }));
  };
}

/** A node that stands for one part of an input. */
function standIn({ node, index }: Endpoint): GraphNode {
  const { dtype, shape } = node.outputs[index]!;
  const outputs = [{ dtype: partType(dtype)!, shape }];
  return { op: '_Part', name: node.name, attributes: new Map(), inputs: [], outputs };
}

function withValues(context: EmitContext, values: ReadonlyMap<GraphNode, OnnxValue>): EmitContext {
  return {
    options: context.options,
    value: (endpoint) => values.get(endpoint.node) ?? context.value(endpoint),
    constant: (endpoint) => (values.has(endpoint.node) ? undefined : context.constant(endpoint)),
    inline: (...of) => context.inline(...of),
    isFetched: (node) => context.isFetched(node),
    restrict: (...of) => context.restrict(...of),
    refuse: (...of) => context.refuse(...of),
  };
}
