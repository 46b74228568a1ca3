/** Small graphs, written by hand. */
import type { PartialShape, Tensor, TensorDataType } from '@serving/core/tensor';
import type { AttributeValue } from './attributes.js';
import type { Endpoint, GraphNode, SignatureGraph, SignatureInput, Subgraph } from './graph.js';
import { constantNode } from './new-node.js';

/** An attribute: integers of JavaScript are `int`, `{ float }` and `{ type }` say otherwise. */
export type TestAttribute =
  | number
  | boolean
  | string
  | { readonly float: number }
  | { readonly type: TensorDataType }
  | readonly (number | string)[];

function attribute(value: TestAttribute): AttributeValue {
  if (typeof value === 'number') return { kind: 'int', value: BigInt(value) };
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'string') return { kind: 'bytes', value: new TextEncoder().encode(value) };
  if ('float' in value) return { kind: 'float', value: value.float };
  if ('type' in value) return { kind: 'type', value: value.type };
  return { kind: 'list', value: value.map(attribute) };
}

/** Makes nodes with names of their own. */
export class SmallGraph {
  #count = 0;
  readonly #inputs: SignatureInput[] = [];

  #node(node: Partial<GraphNode> & { op: string }): Endpoint {
    const name = node.name ?? `${node.op}_${this.#count++}`;
    return { node: { attributes: new Map(), inputs: [], outputs: [], ...node, name }, index: 0 };
  }

  input(alias: string, shape: PartialShape, dtype: TensorDataType = 'float'): Endpoint {
    const endpoint = this.#node({ op: '_Input', name: alias, outputs: [{ dtype, shape }] });
    this.#inputs.push({ alias, tensor: `${alias}:0`, node: endpoint.node });
    return endpoint;
  }

  argument(shape: PartialShape, dtype: TensorDataType = 'float'): Endpoint {
    return this.#node({ op: '_Argument', outputs: [{ dtype, shape }] });
  }

  floats(shape: readonly number[], values: readonly number[]): Endpoint {
    return this.constant({ dtype: 'float', shape, data: Float32Array.from(values) });
  }

  ints(values: number | readonly number[]): Endpoint {
    const shape = typeof values === 'number' ? [] : [values.length];
    return this.constant({ dtype: 'int32', shape, data: Int32Array.from([values].flat()) });
  }

  constant(tensor: Tensor): Endpoint {
    return { node: constantNode(`Const_${this.#count++}`, tensor), index: 0 };
  }

  /** An operation with one output whose dtype is that of its first input, or another. */
  op(
    op: string,
    inputs: readonly Endpoint[],
    attributes: Readonly<Record<string, TestAttribute>> = {},
    outputs: readonly TensorDataType[] = [
      (inputs[0]?.node.outputs[inputs[0].index]?.dtype ?? 'float') as TensorDataType,
    ],
  ): Endpoint {
    return this.#node({
      op,
      inputs: [...inputs],
      attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
      outputs: outputs.map((dtype) => ({ dtype, shape: undefined })),
    });
  }

  control(op: string, inputs: readonly Endpoint[], subgraphs: Readonly<Record<string, Subgraph>>): Endpoint {
    const state = op === 'While' ? inputs : Object.values(subgraphs)[0]!.results;
    const outputs = state.map(({ node, index }) => ({ dtype: node.outputs[index]!.dtype, shape: undefined }));
    return this.#node({ op, inputs: [...inputs], outputs, subgraphs });
  }

  signature(...outputs: readonly Endpoint[]): SignatureGraph {
    return {
      name: 'serving_default',
      inputs: this.#inputs,
      outputs: outputs.map((source, i) => ({ alias: `y${i}`, tensor: `${source.node.name}:${source.index}`, source })),
      guards: [],
    };
  }
}

/** Another output of an endpoint's node. */
export function outputOf({ node }: Endpoint, index: number): Endpoint {
  return { node, index };
}
