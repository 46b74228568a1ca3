/** Evaluates tensors of the graphs that restore and initialise a model. */
import { ServingError } from '@serving/core';
import type { StringArray, Tensor } from '@serving/core/tensor';
import type { Checkpoint } from '../../bundle/checkpoint.js';
import type { ConstantValue, Endpoint, GraphNode } from '../../graph/graph.js';
import { kernelFor } from '../../kernels/kernel-table.js';
import { resourceKind } from './resource-identity.js';

/** What an evaluation reads beside constants. */
export interface EvaluationSources {
  readonly checkpoint: Checkpoint | undefined;
  /** The value of the variable that a handle stands for. */
  variable(handle: Endpoint): ConstantValue;
}

/** A chain of operations before an assignment has a handful. */
const MAX_DEPTH = 500;

/**
 * The value of a tensor that depends on constants, asset paths, the checkpoint and variables.
 *
 * @throws ServingError `UNIMPLEMENTED` that names an operation which can't be evaluated at load.
 */
export function evaluate({ node, index }: Endpoint, sources: EvaluationSources, depth = 0): ConstantValue {
  if (depth > MAX_DEPTH) throw new ServingError('UNIMPLEMENTED', 'the initialisation is nested too deeply');
  if (node.constant) return node.constant;
  const input = (i: number): ConstantValue => evaluate(inputOf(node, i), sources, depth + 1);
  if (node.op === 'RestoreV2') return restored(node, index, sources.checkpoint, [input(1), input(2)]);
  if (node.op === 'ReadVariableOp') return sources.variable(inputOf(node, 0));
  if (resourceKind(node.op) === 'variable') return sources.variable({ node, index });
  if (node.op === 'Reshape') return reshaped(input(0), input(1).tensor(), node);
  const factory = kernelFor(node.op);
  if (!factory) {
    throw new ServingError(
      'UNIMPLEMENTED',
      `${node.op} (node ${node.name}): can't be evaluated when the model is loaded`,
    );
  }
  const context = { attributes: node.attributes };
  const result = factory(context)(
    node.inputs.map((_, i) => input(i).tensor()),
    context,
  )[index];
  if (!result) throw new ServingError('DATA_LOSS', `${node.op} (node ${node.name}) has no output ${index}`);
  return { dtype: result.dtype, shape: result.shape, tensor: () => result };
}

function inputOf(node: GraphNode, index: number): Endpoint {
  const input = node.inputs[index];
  if (!input) throw new ServingError('DATA_LOSS', `${node.op} (node ${node.name}) lacks an input`);
  return input;
}

function restored(
  node: GraphNode,
  index: number,
  checkpoint: Checkpoint | undefined,
  [names, slices]: readonly [ConstantValue, ConstantValue],
): ConstantValue {
  if (!checkpoint)
    throw new ServingError('FAILED_PRECONDITION', 'the model has no checkpoint to restore variables from');
  const value = checkpoint.read(textAt(names.tensor(), index), textAt(slices.tensor(), index));
  const expected = node.outputs[index]?.dtype;
  if (value.dtype !== expected) {
    const key = textAt(names.tensor(), index);
    throw new ServingError(
      'DATA_LOSS',
      `The checkpoint has "${key}" as ${value.dtype}, but the graph restores ${expected}`,
    );
  }
  return value;
}

function textAt({ data, dtype }: Tensor, index: number): string {
  if (dtype !== 'string' || index >= data.length) {
    throw new ServingError('DATA_LOSS', 'a restore operation has fewer names than tensors');
  }
  return Buffer.from((data as StringArray).at(index)).toString();
}

/** Keeps the place in the file. */
function reshaped(value: ConstantValue, target: Tensor, { name }: GraphNode): ConstantValue {
  const shape = Array.from(target.data as Iterable<number | bigint>, Number);
  const count = value.shape.reduce((product, size) => product * size, 1);
  const known = shape.reduce((product, size) => (size < 0 ? product : product * size), 1);
  const resolved = shape.map((size) => (size < 0 ? count / known : size));
  if (resolved.some((size) => !Number.isInteger(size)) || resolved.reduce((a, b) => a * b, 1) !== count) {
    throw new ServingError('INVALID_ARGUMENT', `Reshape (node ${name}) of [${value.shape}] to [${shape}]`);
  }
  return {
    dtype: value.dtype,
    shape: resolved,
    ...(value.file && { file: value.file }),
    tensor: () => ({ ...value.tensor(), shape: resolved }) as Tensor,
  };
}
