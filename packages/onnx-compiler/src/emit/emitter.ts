/** How operators of ONNX are written for operations of TensorFlow. */
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import type { ConstantValue, Endpoint, GraphNode, Subgraph } from '../graph/graph.js';

/** A value of the ONNX graph, by name. `''` is an optional input that is left out. */
export type OnnxValue = string;

/** An attribute of an ONNX node. The schema of the operator decides between `int` and `float`, not the value. */
export type OnnxAttribute =
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: Tensor }
  | { readonly graph: OnnxSubgraph };

/** A graph in an attribute: branches of `If`, bodies of `Loop`. Its nodes see the values of the graphs around it. */
export interface OnnxSubgraph {
  readonly inputs: readonly { readonly name: OnnxValue; readonly dtype: DataType; readonly shape: PartialShape }[];
  readonly outputs: readonly { readonly name: OnnxValue; readonly dtype: DataType }[];
  /** Serialized `onnx.NodeProto`s, in order. */
  readonly nodes: readonly Uint8Array[];
}

/** An int64 of one element that is a limit in a guard's message. */
interface GuardLimit {
  readonly value: OnnxValue;
}

/** A part of a guard's message, as `GuardMessagePart` describes it, with values of the graph instead of outputs. */
export type GuardPart =
  | string
  | {
      readonly value: OnnxValue;
      readonly dtype: DataType;
      readonly outside?: { readonly min: number; readonly max?: number | GuardLimit | undefined };
    };

/** A condition that must hold in a run. */
export interface GuardValue {
  /** A boolean scalar. */
  readonly condition: OnnxValue;
  readonly message: readonly GuardPart[];
}

/** What the caller of the compiler accepts. */
export interface EmitOptions {
  /** `float32`: operations without a double kernel are computed in float32. Default: `refuse`. */
  readonly float64: 'refuse' | 'float32';
  /** Whether guards are written. Those that keep values from a kernel that can't survive them are always written. */
  readonly guards: boolean;
  /**
   * `tensorflow`: maxima, minima and their positions treat NaN as TensorFlow does. Default: `onnx`, where only results that leave the
   * model do.
   */
  readonly nan: 'onnx' | 'tensorflow';
}

/** Writes nodes into one graph. */
export interface OnnxBuilder {
  /** Adds a node and returns its first output. `domain` `''` is ONNX's own. */
  node(
    op: string,
    inputs: readonly OnnxValue[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: string,
  ): OnnxValue;
  /** Adds a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly OnnxValue[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: string,
  ): OnnxValue[];
  /** An initializer. The same tensor is written once. */
  constant(tensor: Tensor): OnnxValue;
  /** A vector of int64, as axes and shapes are given. */
  int64s(values: readonly number[]): OnnxValue;
  /** A scalar of a dtype. */
  scalar(dtype: DataType, value: number | bigint): OnnxValue;
  /** An initializer of a constant of the SavedModel: by reference where it has a file. */
  weights(value: ConstantValue): OnnxValue;
  /** Adds a condition that must hold in a run; the first one that doesn't gives the error. */
  guard(condition: OnnxValue, ...message: readonly GuardPart[]): void;
  /**
   * The guards of this graph that were not taken yet. The writer of a subgraph takes them in `write`, returns their conditions among the
   * outputs, and adds them to the graph around it. A subgraph with guards that were not taken is an error.
   */
  takeGuards(): GuardValue[];
  /**
   * Writes a graph of its own: `write` gets a builder, and returns its outputs. Names are unique over all graphs of the model.
   */
  subgraph(
    inputs: readonly { readonly dtype: DataType; readonly shape: PartialShape }[],
    write: (builder: OnnxBuilder, inputs: readonly OnnxValue[]) => readonly { name: OnnxValue; dtype: DataType }[],
  ): OnnxSubgraph;
}

/** What an emitter may ask for. */
export interface EmitContext {
  readonly options: EmitOptions;
  /** The ONNX value of an input, or of any other endpoint that is written already. */
  value(endpoint: Endpoint): OnnxValue;
  /** The tensor of an endpoint that is constant, after folding; `undefined` where it depends on inputs. */
  constant(endpoint: Endpoint): Tensor | undefined;
  /** Writes the nodes of a subgraph into `builder`, with values for its arguments, and returns those of its results. */
  inline(builder: OnnxBuilder, subgraph: Subgraph, values: readonly OnnxValue[]): OnnxValue[];
  /** Whether a result of the node leaves the model, perhaps in another shape or integer type. */
  isFetched(node: GraphNode): boolean;
  /**
   * Has the runtime check before each run that an input of the signature holds only numbers from 0 below `limit`. Returns whether it
   * can: not in subgraphs, which may not run.
   */
  restrict(input: GraphNode, limit: number): boolean;
  /**
   * Refuses the node: the reason joins the list of the signature's error.
   *
   * @throws always
   */
  refuse(node: GraphNode, reason: string): never;
}

/**
 * Writes one operation and returns the ONNX value of each of its outputs, in order. Inputs have the dtypes of the graph; so must
 * the results: dtypes without a kernel are bridged by casts that lose nothing, or refused.
 */
export type Emitter = (node: GraphNode, builder: OnnxBuilder, context: EmitContext) => OnnxValue[];

/** Emitters of one family, by operation. */
export type EmitterTable = Readonly<Record<string, Emitter>>;
