/** Writes the nodes of one graph of a model. */
import { ServingError } from '@serving/core';
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import type { ConstantValue } from '../../graph/graph.js';
import type { GuardPart, GuardValue, OnnxAttribute, OnnxBuilder, OnnxSubgraph, OnnxValue } from '../emitter.js';
import { filledTensor } from './filled-tensor.js';
import type { ModelWriter } from './model-writer.js';
import { encodeNode } from './onnx-messages.js';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

export class GraphBuilder implements OnnxBuilder {
  /** Serialized nodes, in order. */
  readonly written: Uint8Array[] = [];
  readonly #model: ModelWriter;
  #guards: GuardValue[] = [];

  constructor(model: ModelWriter) {
    this.#model = model;
  }

  node(op: string, inputs: readonly OnnxValue[], attributes: Attributes = {}, domain = ''): OnnxValue {
    return this.nodes(op, inputs, 1, attributes, domain)[0]!;
  }

  nodes(
    op: string,
    inputs: readonly OnnxValue[],
    outputs: number,
    attributes: Attributes = {},
    domain = '',
  ): OnnxValue[] {
    const names = Array.from({ length: outputs }, () => this.#model.name());
    const name = this.#model.name();
    this.#model.use(op, domain, inputs);
    this.#model.nodeNames.set(name, this.#model.tensorFlowName);
    this.written.push(encodeNode({ name, op, domain, inputs, outputs: names, attributes }));
    return names;
  }

  /** Names a value of the graph. */
  named(value: OnnxValue, name: string): void {
    const node = this.#model.name();
    this.#model.use('Identity', '', [value]);
    this.#model.nodeNames.set(node, this.#model.tensorFlowName);
    this.written.push(
      encodeNode({ name: node, op: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} }),
    );
  }

  constant(tensor: Tensor): OnnxValue {
    return this.#model.constant(tensor);
  }

  int64s(values: readonly number[]): OnnxValue {
    return this.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  scalar(dtype: DataType, value: number | bigint): OnnxValue {
    return this.constant(filledTensor(dtype, [], value));
  }

  weights(value: ConstantValue): OnnxValue {
    return this.#model.weights(value);
  }

  guard(condition: OnnxValue, ...message: readonly GuardPart[]): void {
    this.#guards.push({ condition, message });
  }

  takeGuards(): GuardValue[] {
    const taken = this.#guards;
    this.#guards = [];
    return taken;
  }

  subgraph(
    inputs: readonly { readonly dtype: DataType; readonly shape: PartialShape }[],
    write: (builder: OnnxBuilder, inputs: readonly OnnxValue[]) => readonly { name: OnnxValue; dtype: DataType }[],
  ): OnnxSubgraph {
    const inner = new GraphBuilder(this.#model);
    const named = inputs.map((input) => ({ ...input, name: this.#model.name() }));
    const results = write(
      inner,
      named.map(({ name }) => name),
    );
    if (inner.takeGuards().length > 0) {
      throw new ServingError('UNIMPLEMENTED', 'a condition inside of control flow is not supported');
    }
    // A result may be an input or a value of a graph around this one: outputs have to be values of its own.
    const outputs = results.map(({ name, dtype }) => ({ name: inner.node('Identity', [name]), dtype }));
    return { inputs: named, outputs, nodes: inner.written };
  }
}
