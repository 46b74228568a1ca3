/** The values that are written in a graph and those around it. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { ConstantValue, Endpoint, GraphNode, Subgraph } from '../graph/graph.js';
import { nodesInOrder } from '../graph/node-order.js';
import { isRandom } from '../import/effects.js';
import type { Refusal } from '../program/program.js';
import type { ModelWriter } from './builder/model-writer.js';
import type { EmitContext, EmitOptions, Emitter, OnnxBuilder, OnnxValue } from './emitter.js';
import { complexEmitterFor, emitterFor } from './operator-table.js';
import { partType, touchesComplex } from './signal/complex-values.js';

/** What one model's scopes share. */
export interface EmissionState {
  readonly model: ModelWriter;
  readonly options: EmitOptions;
  readonly refusals: Refusal[];
  /** Nodes whose results leave the model. */
  readonly fetched: ReadonlySet<GraphNode>;
  /** The least limit of the ids in an input of the signature. */
  readonly limits: Map<GraphNode, number>;
}

/** Ends the emission of one node; its reason is in the list already. */
class NodeRefused extends Error {}

export class EmissionScope implements EmitContext {
  readonly options: EmitOptions;
  readonly #state: EmissionState;
  readonly #builder: OnnxBuilder;
  readonly #outer: EmissionScope | undefined;
  readonly #values: Map<GraphNode, readonly OnnxValue[]> = new Map();

  constructor(state: EmissionState, builder: OnnxBuilder, outer?: EmissionScope) {
    this.options = state.options;
    this.#state = state;
    this.#builder = builder;
    this.#outer = outer;
  }

  /** Sets the value of one output of a node, which is then not written. */
  place({ node, index }: Endpoint, value: OnnxValue): void {
    const values = [...(this.#values.get(node) ?? [])];
    values[index] = value;
    this.#values.set(node, values);
  }

  /** Writes what the endpoints depend on, as far as it isn't written yet. */
  write(roots: readonly Endpoint[]): void {
    for (const node of nodesInOrder(this.#missing(roots), this.#written())) {
      if (node.constant === undefined) this.#emit(node);
    }
  }

  value(endpoint: Endpoint): OnnxValue {
    const { node, index } = endpoint;
    if (node.constant !== undefined) return this.#constantValue(node.constant);
    const value = this.#find(node)?.[index];
    if (value !== undefined) return value;
    throw new ServingError('INTERNAL', `Output ${index} of ${node.op} (node ${node.name}) is not written`);
  }

  constant({ node }: Endpoint): Tensor | undefined {
    return node.constant?.tensor();
  }

  inline(
    builder: OnnxBuilder,
    { arguments: parameters, results }: Subgraph,
    values: readonly OnnxValue[],
  ): OnnxValue[] {
    const inner = new EmissionScope(this.#state, builder, this);
    for (const [i, node] of parameters.entries()) inner.place({ node, index: 0 }, values[i]!);
    inner.write(results);
    return results.map((result) => inner.value(result));
  }

  isFetched(node: GraphNode): boolean {
    return this.#state.fetched.has(node);
  }

  restrict(input: GraphNode, limit: number): boolean {
    if (this.#outer) return false;
    const { limits } = this.#state;
    limits.set(input, Math.min(limit, limits.get(input) ?? limit));
    return true;
  }

  refuse({ op, name, outputs }: GraphNode, reason: string): never {
    const dtype = outputs[0]?.dtype;
    this.#state.refusals.push({ op, node: name, reason, ...(dtype && { dtype }) });
    throw new NodeRefused(reason);
  }

  #emit(node: GraphNode): void {
    const { model, refusals } = this.#state;
    const outerName = model.tensorFlowName;
    model.tensorFlowName = node.name;
    try {
      const emitter = this.#emitter(node);
      this.#values.set(node, emitter(node, this.#builder, this));
    } catch (error) {
      if (!(error instanceof NodeRefused)) {
        if (!(error instanceof ServingError) || error.code === 'INTERNAL') throw error;
        refusals.push({ op: node.op, node: node.name, reason: error.message });
      }
      // What depends on the node is checked too, so that all reasons are found at once.
      const names = node.outputs.map(() => model.name());
      this.#values.set(node, names);
    } finally {
      model.tensorFlowName = outerName;
    }
  }

  #constantValue(constant: ConstantValue): OnnxValue {
    const parts = partType(constant.dtype);
    if (parts === undefined) return this.#builder.weights(constant);
    const { shape, data } = constant.tensor();
    return this.#builder.constant({ dtype: parts, shape: [...shape, 2], data } as Tensor);
  }

  #emitter(node: GraphNode): Emitter {
    if (!touchesComplex(node)) return emitterFor(node.op) ?? this.refuse(node, withoutEmitter(node.op));
    return complexEmitterFor(node.op) ?? this.refuse(node, 'no ONNX operator for complex numbers');
  }

  #missing(roots: readonly Endpoint[]): GraphNode[] {
    return roots.map(({ node }) => node).filter((node) => this.#find(node) === undefined);
  }

  #find(node: GraphNode): readonly OnnxValue[] | undefined {
    for (let scope: EmissionScope | undefined = this; scope; scope = scope.#outer) {
      const values = scope.#values.get(node);
      if (values) return values;
    }
    return undefined;
  }

  #written(): Set<GraphNode> {
    const written = new Set<GraphNode>();
    for (let scope: EmissionScope | undefined = this; scope; scope = scope.#outer) {
      for (const node of scope.#values.keys()) written.add(node);
    }
    return written;
  }
}

/** Random numbers may be pruned or rewritten until here. */
function withoutEmitter(op: string): string {
  return isRandom(op) ? "random numbers can't be the same" : 'no ONNX operator';
}
