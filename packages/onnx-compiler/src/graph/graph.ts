/**
 * The form that every pass of the compiler reads and writes: a graph of one signature without functions, variables and
 * control edges. A pass owns the graph that it is given and may change it in place.
 */
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import type { Attributes } from './attributes.js';

/** What one output of a node holds. */
export interface OutputInfo {
  dtype: DataType;
  /** `-1` for an unknown dimension, `undefined` for an unknown rank. */
  shape: PartialShape;
}

/** An output of a node, as an input of another. */
export interface Endpoint {
  readonly node: GraphNode;
  readonly index: number;
}

/** Bytes of a variable in a file of the model: row-major, little-endian, without a header. */
export interface FileBytes {
  /** The file's real path. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** The value of a constant: in memory, or in a file until it is needed. */
export interface ConstantValue {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Where the bytes are, when they are a contiguous range of a file. */
  readonly file?: FileBytes;
  /** Returns the tensor, read on the first call and kept. */
  tensor(): Tensor;
}

/** A table's contents, fixed at load. */
export interface TableContents {
  /** Its shared name, for messages. */
  readonly name: string;
  readonly keys: Tensor;
  readonly values: Tensor;
}

/**
 * One operation. `op` is TensorFlow's name, in TensorFlow's semantics, except for:
 *
 * - `Const`: has `constant`; variables that are bound have become constants too;
 * - `_Input`: an input of the signature, or a tensor that the signature feeds; `name` is the alias;
 * - `_Argument`: an argument of a {@link Subgraph};
 * - table reads (`LookupTableFindV2`, `LookupTableSizeV2`, `LookupTableExportV2`): `table` stands for the handle, which is no
 *   longer among the inputs;
 * - `While`, `If` and `Case` (the stateless forms have become these): bodies in `subgraphs`, without functions in attributes;
 * - `While` may have more outputs than inputs: results of the body behind its state are collected, a row for each trip. Lists of tensors have
 *   become such outputs and ordinary tensors, but for those of loops over strings and images;
 * - `_ScanResult`: such an output as the list that it stands for, with its element shape where the loop made none, and zeros for elements
 *   that no trip set. With `keeps_last` only its last row counts;
 * - `_Recurrent`: a recurrent layer over [steps, batch, width]; outputs are the state after each step, then the last states.
 */
export interface GraphNode {
  op: string;
  /** The path of the node in the SavedModel, calls included; unique in a graph and its subgraphs. */
  name: string;
  attributes: Attributes;
  inputs: Endpoint[];
  outputs: OutputInfo[];
  constant?: ConstantValue;
  table?: TableContents;
  /** `cond` and `body` of `While`; `then_branch` and `else_branch` of `If`; `branch_0`, … of `Case`. */
  subgraphs?: Readonly<Record<string, Subgraph>>;
}

/** The body of a control-flow node. Of the graphs around it its nodes use constants, and what is computed of these alone. */
export interface Subgraph {
  /** `_Argument` nodes: those of the state of `While`, or the inputs of `If` and `Case` after the first. */
  arguments: GraphNode[];
  results: Endpoint[];
}

/** A condition that must hold in a request, from `Assert`, `CheckNumerics` and the like, or added by a pass. */
export interface Guard {
  /** A boolean scalar. */
  condition: Endpoint;
  /** What TensorFlow's message is made of: texts, and tensors whose values are shown. */
  readonly message: readonly (string | Endpoint)[];
}

/** An input of a signature. */
export interface SignatureInput {
  readonly alias: string;
  /** The tensor's name in the signature, with its index: `x:0`. */
  readonly tensor: string;
  /** An `_Input` node. */
  readonly node: GraphNode;
}

/** An output of a signature. Several may have one endpoint, and it may be an input or a constant. */
interface SignatureOutput {
  readonly alias: string;
  /** The tensor's name in the signature, with its index: `y:0`. */
  readonly tensor: string;
  source: Endpoint;
}

/** One signature's computation. Only what its outputs and guards depend on is part of it. */
export interface SignatureGraph {
  readonly name: string;
  readonly inputs: readonly SignatureInput[];
  readonly outputs: SignatureOutput[];
  readonly guards: Guard[];
}
