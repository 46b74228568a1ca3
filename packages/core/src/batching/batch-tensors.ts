/** Inputs of the tasks of a batch into one set of tensors, and the outputs back to the tasks. */
import type { BufferPool } from '../memory/buffer-pool.js';
import { ServingError } from '../serving-error.js';
import { dataTypeInfo } from '../tensor/data-type.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';
import type { BatchingSessionTask } from './batching-session-task.js';
import { type AllocateArray, concatRows, largestRowShape, padRows, rowLength, sliceRows } from './tensor-rows.js';

/**
 * The rows that each input has.
 *
 * @param place ends the error texts
 * @throws ServingError `INVALID_ARGUMENT` in TensorFlow Serving's words for no inputs, a missing input, an
 * input without a dimension, and inputs with different numbers of rows, which the text names.
 */
export function countRows(names: readonly string[], inputs: NamedTensors, place: string): number {
  let rows = -1;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const input = inputs[name];
    if (input === undefined) throw new ServingError('INVALID_ARGUMENT', `Missing input: ${name}${place}`);
    if (input.shape.length === 0) {
      const text = `Batching Run() input tensors must have at least one dimension: input "${name}" is a scalar${place}`;
      throw new ServingError('INVALID_ARGUMENT', text);
    }
    const size = input.shape[0]!;
    if (rows < 0) rows = size;
    else if (size !== rows) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Batching Run() input tensors must have equal 0th-dimension size: input "${names[0]}" has ${rows}, ` +
          `input "${name}" has ${size}${place}`,
      );
    }
  }
  if (rows >= 0) return rows;
  throw new ServingError('INVALID_ARGUMENT', `Batching Run() must have at least one input tensor${place}`);
}

/** Whether two tasks can be one batch: same outputs, and inputs that can be joined. */
export function areMergeable(
  names: readonly string[],
  padVariableLength: boolean,
  a: BatchingSessionTask,
  b: BatchingSessionTask,
): boolean {
  if (!haveSameMembers(a.outputs, b.outputs)) return false;
  // Requests without rows make no batch larger, nor can they be padded: they run with their like.
  if ((a.size === 0) !== (b.size === 0)) return false;
  // Pieces of one request that are padded to different sizes have outputs that can't be joined.
  if (padVariableLength && (a.isPiece || b.isPiece)) return false;
  for (let i = 0; i < names.length; i++) {
    const one = a.inputs[names[i]!]!;
    const other = b.inputs[names[i]!]!;
    if (one.dtype !== other.dtype || one.shape.length !== other.shape.length) return false;
    if (haveSameRowShape(one, other)) continue;
    // A tensor without elements has no first one to be padded with.
    if (!padVariableLength || rowLength(one) === 0 || rowLength(other) === 0) return false;
  }
  return true;
}

/**
 * One tensor per input: the tasks' rows in order, and `padding` copies of the last task's first row. The inputs of a lone
 * task without padding are those that it came with.
 */
export function mergeInputs(
  names: readonly string[],
  tasks: readonly BatchingSessionTask[],
  padding: number,
  padVariableLength: boolean,
  allocate?: AllocateArray,
): NamedTensors {
  if (tasks.length === 1 && padding === 0) return tasks[0]!.inputs;
  const merged: NamedTensors = Object.create(null);
  const tensors = new Array<Tensor>(tasks.length);
  for (let n = 0; n < names.length; n++) {
    const name = names[n]!;
    for (let i = 0; i < tasks.length; i++) tensors[i] = tasks[i]!.inputs[name]!;
    const rowShape = padVariableLength ? largestRowShape(tensors) : undefined;
    if (rowShape) for (let i = 0; i < tensors.length; i++) tensors[i] = padRows(tensors[i]!, rowShape);
    merged[name] = concatRows(tensors, padding, allocate);
  }
  return merged;
}

/** Has {@link mergeInputs} merge into memory of a pool, for {@link giveInputs} to give it back. */
export function pooledArrays(buffers: BufferPool): AllocateArray {
  return (dtype, length) => {
    const array = dataTypeInfo(dtype).array!;
    return new array(buffers.take(length * array.BYTES_PER_ELEMENT), 0, length);
  };
}

/**
 * Gives the memory of merged inputs back when their run is over, for servables that keep nothing of it: see `copiesInputs` of
 * `InferenceServable`. What an output shares is left alone.
 */
export function giveInputs(buffers: BufferPool, inputs: NamedTensors, outputs: NamedTensors): void {
  for (const name in inputs) {
    const { dtype, data } = inputs[name]!;
    if (dtype !== 'string' && !isShared(data.buffer, outputs)) buffers.give(data.buffer);
  }
}

function isShared(buffer: ArrayBufferLike, outputs: NamedTensors): boolean {
  for (const name in outputs) {
    const { dtype, data } = outputs[name]!;
    if (dtype !== 'string' && data.buffer === buffer) return true;
  }
  return false;
}

/**
 * @param rows of the batch, padding included
 * @throws ServingError `FAILED_PRECONDITION` in TensorFlow Serving's words for an output whose first dimension is another.
 */
export function checkOutputs(outputs: NamedTensors, rows: number, place: string): void {
  for (const name in outputs) {
    const { shape } = outputs[name]!;
    if (shape.length === 0) {
      const text = `Batched output tensor has 0 dimensions: output "${name}"${place}`;
      throw new ServingError('FAILED_PRECONDITION', text);
    }
    if (shape[0] === rows) continue;
    throw new ServingError(
      'FAILED_PRECONDITION',
      "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors: " +
        `output "${name}" has ${shape[0]}, the inputs ${rows}${place}`,
    );
  }
}

/** Gives each task its rows. They share the memory of the batch's outputs; rows of padding are dropped. */
export function deliverOutputs(outputs: NamedTensors, tasks: readonly BatchingSessionTask[], padding: number): void {
  if (tasks.length === 1 && padding === 0) {
    tasks[0]!.succeed(outputs);
    return;
  }
  const names = Object.keys(outputs);
  let begin = 0;
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i]!;
    const end = begin + task.size;
    if (!task.isSettled) {
      const own: NamedTensors = Object.create(null);
      for (let n = 0; n < names.length; n++) own[names[n]!] = sliceRows(outputs[names[n]!]!, begin, end);
      task.succeed(own);
    }
    begin = end;
  }
}

function haveSameMembers(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!b.includes(a[i]!)) return false;
  return true;
}

function haveSameRowShape({ shape: a }: Tensor, { shape: b }: Tensor): boolean {
  for (let i = 1; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
