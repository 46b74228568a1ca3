/** The propagation itself: one pass over nodes, repeated for the bodies of loops. */
import { ServingError } from '@serving/core';
import { shapesAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode, Subgraph } from '../graph/graph.js';
import { nodesInOrder } from '../graph/node-order.js';
import {
  type Dimension,
  type DimensionSymbol,
  type Dimensions,
  type SymbolOrigin,
  sameDimension,
  symbolDimension,
} from './dimension.js';
import { vectorFunctions } from './dimension-vectors.js';
import type { DimensionVector, ShapeContext } from './shape-function.js';
import { shapeFunctions } from './shape-functions.js';

/** Control flow deeper than this is refused. */
const MAX_DEPTH = 64;

type Vectors = readonly (DimensionVector | undefined)[];

/** Shapes and vectors of nodes, as far as they are found. */
export class Inference {
  readonly #shapes = new Map<GraphNode, readonly Dimensions[]>();
  readonly #vectors = new Map<GraphNode, Vectors>();
  readonly #claims = new Map<GraphNode, readonly Dimensions[]>();
  readonly #own = new Map<GraphNode, Map<string, DimensionSymbol>>();
  readonly #bodies = new Map<Subgraph, GraphNode[]>();
  readonly #done = new Set<GraphNode>();
  #symbols = 0;
  #depth = 0;

  symbol(name: string, mayBeZero: boolean, origin?: SymbolOrigin): DimensionSymbol {
    return { id: this.#symbols++, name, mayBeZero, ...(origin && { origin }) };
  }

  set(node: GraphNode, shapes: readonly Dimensions[], vectors: Vectors): void {
    this.#done.add(node);
    this.#shapes.set(node, shapes);
    this.#vectors.set(node, vectors);
  }

  shapes(node: GraphNode): readonly Dimensions[] | undefined {
    return this.#shapes.get(node);
  }

  vector({ node, index }: Endpoint): DimensionVector | undefined {
    return this.#vectors.get(node)?.[index];
  }

  nodes(): Iterable<GraphNode> {
    return this.#shapes.keys();
  }

  /** Infers everything that these endpoints depend on. */
  run(roots: readonly Endpoint[]): void {
    for (const node of nodesInOrder(roots, this.#done)) this.#infer(node);
  }

  #infer(node: GraphNode): void {
    if (node.op === '_Argument' && this.#shapes.has(node)) return;
    const context = this.#context(node);
    const inferred = node.subgraphs ? this.#control(node, node.subgraphs) : (shapeFunctions[node.op]?.(context) ?? []);
    this.#shapes.set(
      node,
      node.outputs.map((_, i) => this.#withClaim(node, i, inferred[i])),
    );
    this.#vectors.set(node, vectorFunctions[node.op]?.(context) ?? []);
  }

  #context(node: GraphNode): ShapeContext {
    const at = (input: number) => node.inputs.at(input);
    const vector = (input: number) => {
      const endpoint = at(input);
      return endpoint && this.vector(endpoint);
    };
    return {
      node,
      inputCount: node.inputs.length,
      shape: (input) => {
        const endpoint = at(input);
        return endpoint && this.#shapes.get(endpoint.node)?.[endpoint.index];
      },
      vector,
      numbers: (input) => {
        const elements = vector(input);
        return elements?.every((element) => typeof element === 'number') ? elements : undefined;
      },
      unknown: (output, dimension, mayBeZero = true) => this.#ownDimension(node, output, dimension, mayBeZero),
    };
  }

  #ownDimension(node: GraphNode, output: number, dimension: number, mayBeZero: boolean): Dimension {
    const key = `${output}_${dimension}${mayBeZero ? '' : '_positive'}`;
    const own = this.#own.get(node) ?? new Map<string, DimensionSymbol>();
    this.#own.set(node, own);
    const symbol = own.get(key) ?? this.symbol(`${node.name}_${key}`, mayBeZero);
    own.set(key, symbol);
    return symbolDimension(symbol);
  }

  /** Fills in what is unknown from the shape in the file. */
  #withClaim(node: GraphNode, output: number, inferred: Dimensions): Dimensions {
    const claims = this.#claimsOf(node);
    const claim = claims[output];
    if (inferred === undefined) return claim;
    const sizes = inferred.map((size, i) => (isSize(size) ? size : this.#ownDimension(node, output, i, true)));
    if (claim?.length !== sizes.length) return sizes;
    return sizes.map((size, i) => (this.#isOwn(node, size) && typeof claim[i] === 'number' ? claim[i] : size));
  }

  #isOwn(node: GraphNode, size: Dimension): boolean {
    if (typeof size === 'number' || size.symbols.length !== 1 || size.coefficient !== 1) return false;
    return [...(this.#own.get(node)?.values() ?? [])].includes(size.symbols[0]!);
  }

  #claimsOf(node: GraphNode): readonly Dimensions[] {
    const found = this.#claims.get(node);
    if (found !== undefined) return found;
    const traced = shapesAttribute(node.attributes, '_output_shapes', []);
    const claims = node.outputs.map(({ shape }, output) =>
      (shape ?? traced[output])?.map((size, i) => (size >= 0 ? size : this.#ownDimension(node, output, i, true))),
    );
    this.#claims.set(node, claims);
    return claims;
  }

  #control(node: GraphNode, subgraphs: Readonly<Record<string, Subgraph>>): readonly Dimensions[] {
    if (++this.#depth > MAX_DEPTH) {
      throw new ServingError(
        'UNIMPLEMENTED',
        `${node.op} (node ${node.name}): control flow is nested more than ${MAX_DEPTH} deep`,
      );
    }
    const result = node.op === 'While' ? this.#loop(node, subgraphs) : this.#branches(node, subgraphs);
    this.#depth--;
    return result;
  }

  #branches(node: GraphNode, subgraphs: Readonly<Record<string, Subgraph>>): readonly Dimensions[] {
    const results = Object.values(subgraphs).map((branch) => {
      for (const [i, argument] of branch.arguments.entries()) {
        const input = node.inputs[i + 1];
        if (input) this.set(argument, [this.#shapes.get(input.node)?.[input.index]], [this.vector(input)]);
      }
      return this.#body(branch);
    });
    return node.outputs.map((_, i) => results.map((result) => result[i]).reduce((a, b) => this.#join(node, i, a, b)));
  }

  #loop(node: GraphNode, subgraphs: Readonly<Record<string, Subgraph>>): readonly Dimensions[] {
    const { cond, body } = subgraphs as Record<'cond' | 'body', Subgraph>;
    let state: Dimensions[] = node.inputs.map(({ node: from, index }) => this.#shapes.get(from)?.[index]);
    for (;;) {
      for (const { arguments: all } of [cond, body]) {
        for (const [i, argument] of all.entries()) this.set(argument, [state[i]], []);
      }
      this.#body(cond);
      const after = this.#body(body);
      const next = state.map((shape, i) => this.#join(node, i, shape, after[i]));
      if (next.every((shape, i) => isSameShape(shape, state[i]))) {
        const rows = after.slice(state.length);
        return [...state, ...rows.map((row, i) => this.#collected(node, state.length + i, row))];
      }
      state = next;
    }
  }

  /** A row for each trip. */
  #collected(node: GraphNode, output: number, row: Dimensions): Dimensions {
    return row && [this.#ownDimension(node, output, 0, true), ...row];
  }

  #body(subgraph: Subgraph): readonly Dimensions[] {
    const nodes = this.#bodies.get(subgraph) ?? nodesInOrder(subgraph.results, this.#done);
    this.#bodies.set(subgraph, nodes);
    for (const node of nodes) this.#infer(node);
    return subgraph.results.map(({ node, index }) => this.#shapes.get(node)?.[index]);
  }

  /** What two shapes have in common. Each dimension changes at most twice, so that loops come to an end. */
  #join(node: GraphNode, output: number, a: Dimensions, b: Dimensions): Dimensions {
    if (a === undefined || b === undefined || a.length !== b.length) return undefined;
    return a.map((size, i) => (sameDimension(size, b[i]!) ? size : this.#ownDimension(node, output, i, true)));
  }
}

function isSameShape(a: Dimensions, b: Dimensions): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((size, i) => sameDimension(size, b[i]!));
}

/** Attributes that TensorFlow would refuse may give sizes that are none. */
function isSize(size: Dimension): boolean {
  const number = typeof size === 'number' ? size : size.coefficient;
  return Number.isSafeInteger(number) && number >= 0;
}
