/** What emitters ask about their node's inputs. */
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import type { GraphNode } from '../graph/graph.js';
import type { EmitContext, OnnxValue } from './emitter.js';

/** The dtype of an input. */
export function inputType(node: GraphNode, index: number): DataType {
  const { node: source, index: output } = node.inputs[index]!;
  return source.outputs[output]!.dtype;
}

/** The shape of an input, as far as it is known. */
export function inputShape(node: GraphNode, index: number): PartialShape {
  const { node: source, index: output } = node.inputs[index]!;
  return source.outputs[output]!.shape;
}

/** The number of dimensions of an input. Refuses the node where it is unknown. */
export function inputRank(node: GraphNode, index: number, context: EmitContext): number {
  return inputShape(node, index)?.length ?? context.refuse(node, 'needs a known rank');
}

/** The values of all inputs. */
export function inputValues(node: GraphNode, context: EmitContext): OnnxValue[] {
  return node.inputs.map((input) => context.value(input));
}

/** An input's tensor. Refuses the node where it isn't constant. */
export function constantInput(node: GraphNode, index: number, what: string, context: EmitContext): Tensor {
  const input = node.inputs[index]!;
  return context.constant(input) ?? context.refuse(node, `needs a constant ${what} (it depends on ${input.node.name})`);
}

/** The numbers of a constant input of integers. Refuses the node where it isn't constant. */
export function constantNumbers(node: GraphNode, index: number, what: string, context: EmitContext): number[] {
  return Array.from(constantInput(node, index, what, context).data as Iterable<number | bigint>, Number);
}

/** The numbers of an input of integers; `undefined` where it isn't constant. */
export function knownNumbers(node: GraphNode, index: number, context: EmitContext): number[] | undefined {
  const tensor = context.constant(node.inputs[index]!);
  return tensor && Array.from(tensor.data as Iterable<number | bigint>, Number);
}

/** An axis counted from the front. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
