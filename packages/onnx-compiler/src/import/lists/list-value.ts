/** Lists of tensors as the lowering knows them. */
import { type DataType, dataTypeInfo, type NumericArray, type PartialShape, type Tensor } from '@serving/core/tensor';
import { typeAttribute } from '../../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import { constantNode } from '../../graph/new-node.js';
import { makeNode, typeValue } from '../../op-defs/make-node.js';

/** A list whose elements are the rows of a tensor. */
export interface StackedList {
  readonly kind: 'stacked';
  readonly dtype: DataType;
  readonly tensor: Endpoint;
}

/** A list that was reserved, and of which the first elements have been set. */
export interface ReservedList {
  readonly kind: 'reserved';
  readonly dtype: DataType;
  /** The shape of elements that were not set, as far as it is constant. */
  readonly elementShape: PartialShape;
  /** The number of elements, also of those that were not set. */
  readonly count: Endpoint;
  readonly set: readonly Endpoint[];
}

export type ListValue = StackedList | ReservedList;

/** Makes the nodes that stand for lists, with names below that of a node of the SavedModel. */
export class ListNodes {
  readonly #prefix: string;
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  node(op: string, inputs: readonly Endpoint[], attributes: Parameters<typeof makeNode>[3] = {}): Endpoint {
    return { node: makeNode(this.#name(op), op, inputs, attributes), index: 0 };
  }

  constant(tensor: Tensor): Endpoint {
    return { node: constantNode(this.#name('Const'), tensor), index: 0 };
  }

  int(value: number): Endpoint {
    return this.constant({ dtype: 'int32', shape: [], data: Int32Array.of(value) });
  }

  ints(values: readonly number[]): Endpoint {
    return this.constant({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });
  }

  zero(dtype: DataType): Endpoint {
    const { array, width } = dataTypeInfo(dtype);
    const data: NumericArray = new array!(width);
    return this.constant({ dtype, shape: [], data } as Tensor);
  }

  /** Row `index` of a stacked list. */
  row({ dtype, tensor }: StackedList, index: Endpoint): Endpoint {
    const types = { Tparams: typeValue(dtype), Tindices: typeValue(dtypeOf(index)), Taxis: typeValue('int32') };
    return this.node('GatherV2', [tensor, index, this.int(0)], types);
  }

  /** One tensor of all rows. */
  concatenated(dtype: DataType, parts: readonly Endpoint[]): Endpoint {
    if (parts.length === 1) return parts[0]!;
    const N = { kind: 'int' as const, value: BigInt(parts.length) };
    return this.node('ConcatV2', [...parts, this.int(0)], { N, T: typeValue(dtype), Tidx: typeValue('int32') });
  }

  packed(dtype: DataType, parts: readonly Endpoint[]): Endpoint {
    const N = { kind: 'int' as const, value: BigInt(parts.length) };
    return this.node('Pack', parts, { N, T: typeValue(dtype) });
  }

  /** The number of rows of a tensor. */
  rowCount(dtype: DataType, tensor: Endpoint): Endpoint {
    const sizes = this.node('Shape', [tensor], { T: typeValue(dtype) });
    const types = { Tparams: typeValue('int32'), Tindices: typeValue('int32'), Taxis: typeValue('int32') };
    return this.node('GatherV2', [sizes, this.int(0), this.int(0)], types);
  }

  #name(op: string): string {
    return `${this.#prefix}/${op}_${this.#count++}`;
  }
}

export function dtypeOf({ node, index }: Endpoint): DataType {
  return node.outputs[index]!.dtype;
}

/** The data type of the elements that a list operation handles. */
export function elementType(node: GraphNode): DataType {
  return typeAttribute(node.attributes, 'element_dtype');
}

/** The shape that a constant vector gives; `undefined` where it is not constant or has a free rank. */
export function constantShape({ node }: Endpoint): PartialShape {
  const tensor = node.constant?.tensor();
  if (tensor?.shape.length !== 1) return undefined;
  return Array.from(tensor.data as Iterable<number | bigint>, Number);
}

/** The integer that a constant scalar gives. */
export function constantInteger({ node }: Endpoint): number | undefined {
  const tensor = node.constant?.tensor();
  if (tensor?.data.length !== 1 || (tensor.dtype !== 'int32' && tensor.dtype !== 'int64')) return undefined;
  return Number(tensor.data[0]);
}

/** A shape with the known dimensions of two. */
export function mergedShape(a: PartialShape, b: PartialShape): PartialShape {
  if (!a || !b || a.length !== b.length) return a ?? b;
  return a.map((size, i) => (size >= 0 ? size : b[i]!));
}
