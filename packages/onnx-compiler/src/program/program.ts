/** What a signature is compiled to: steps over numbered values. */
import type { DataType, PartialShape, Tensor, TensorDataType } from '@serving/core/tensor';
import type { FileBytes } from '../graph/graph.js';
import type { Kernel, KernelContext } from '../kernels/kernel.js';

/** The place of a value in a run: inputs first, then results of steps. */
export type ValueId = number;

/** An initializer whose bytes stay in their file. `location` is the file's real path without the root of the file system. */
export interface ExternalWeights extends FileBytes {
  readonly initializer: string;
  readonly location: string;
}

/** A tensor that an ONNX model takes or returns. */
export interface ModelTensor {
  /** Its name in the ONNX model. */
  readonly name: string;
  readonly dtype: TensorDataType;
  readonly shape: PartialShape;
  readonly value: ValueId;
}

/**
 * A part of a guard's message: a text; or a further output of the model, all of whose values are shown (`[1 2 3]`); or with `outside` the
 * first of its values, in row-major order, that is below `min` or from `max` on, with its position: `[0,1] = 9`. `max` may be
 * another output, of one element.
 */
export type GuardMessagePart =
  | string
  | {
      readonly output: string;
      readonly outside?: { readonly min: number; readonly max?: number | { readonly output: string } | undefined };
    };

/** A boolean scalar among a model's outputs: where it is false the run fails with `INVALID_ARGUMENT`. */
export interface ModelGuard {
  /** The output's name in the ONNX model. */
  readonly output: string;
  readonly message: readonly GuardMessagePart[];
}

/** Runs an ONNX model. It takes no strings and returns none. */
export interface ModelStep {
  readonly kind: 'model';
  /** A serialized `onnx.ModelProto`. */
  readonly model: Uint8Array;
  readonly externalWeights: readonly ExternalWeights[];
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
  /** In the order in which they are checked. */
  readonly guards: readonly ModelGuard[];
  /** TensorFlow's names of ONNX nodes, for messages. */
  readonly nodeNames: ReadonlyMap<string, string>;
}

/** Runs one operation in TypeScript. */
export interface KernelStep {
  readonly kind: 'kernel';
  readonly op: string;
  /** TensorFlow's name, for messages. */
  readonly node: string;
  readonly kernel: Kernel;
  readonly context: KernelContext;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

/** A tensor of the signature. */
export interface ProgramTensor {
  readonly alias: string;
  /** The tensor's name in the signature, with its index: `x:0`. */
  readonly tensor: string;
  readonly dtype: TensorDataType;
  readonly shape: PartialShape;
  /** Whether its first dimension is the batch: rows of one request stay together and independent of others. */
  readonly batched: boolean;
}

/** An input of the signature. */
export interface ProgramInput extends ProgramTensor {
  readonly value: ValueId;
  /** The range of ids that the model accepts, from the sizes of the tables that they index: the first and the last. */
  readonly range?: { readonly min: number; readonly max: number } | undefined;
}

/** An output of the signature: a value of the run, or the same tensor for every request. */
export interface ProgramOutput extends ProgramTensor {
  readonly source: ValueId | Tensor;
}

/** A compiled signature. */
export interface Program {
  readonly signature: string;
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ProgramOutput[];
  /** In the order in which they run. Steps before the first model run for each request before batching, those after the last afterwards. */
  readonly steps: readonly (ModelStep | KernelStep)[];
  readonly valueCount: number;
  /** Whether requests may be batched: every input and output has the batch dimension, or is constant. */
  readonly batchable: boolean;
}

/** Why a signature can't be compiled: one line for each operation. */
export interface Refusal {
  readonly op: string;
  readonly node: string;
  readonly reason: string;
  readonly dtype?: DataType;
}
