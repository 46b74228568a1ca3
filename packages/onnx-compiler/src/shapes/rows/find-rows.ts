/** Finds what a batch of requests may share: which tensors keep their rows apart. */
import type { Endpoint, GraphNode, SignatureGraph, Subgraph } from '../../graph/graph.js';
import { graphRoots, nodesInOrder } from '../../graph/node-order.js';
import { inferRowShapes, type RowShapeFacts } from '../infer-shapes.js';
import { rowRules } from './row-rules.js';
import { countsRows, isAxis, isRowCount, type RowContext, type RowState } from './row-state.js';

/** How a signature may be batched. */
export interface BatchFacts {
  /** Whether every input has an unknown first dimension, which counts rows. */
  readonly hasRows: boolean;
  /** Whether each output has the number of rows as its first dimension, or is constant. */
  readonly batchable: boolean;
  /** Whether each row of the tensor depends on that row of the inputs alone. */
  isBatched(endpoint: Endpoint): boolean;
}

/** Follows the rows of the inputs through the graph. */
export function findRows(graph: SignatureGraph): BatchFacts {
  const facts = inferRowShapes(graph);
  const { batch } = facts;
  if (batch === undefined) return { hasRows: false, batchable: false, isBatched: () => false };
  const rows = new RowSearch(facts, batch);
  for (const { node } of graph.inputs) rows.set(node, [0]);
  rows.run(graphRoots(graph));
  const isBatched = (endpoint: Endpoint): boolean =>
    rows.state(endpoint) === 0 && isRowCount(facts.dimensions(endpoint)?.[0], batch);
  const batchable = graph.outputs.every(({ source }) => source.node.op === 'Const' || isBatched(source));
  return { hasRows: true, batchable, isBatched };
}

class RowSearch {
  readonly #states = new Map<GraphNode, readonly RowState[]>();
  readonly #done = new Set<GraphNode>();
  readonly #bodies = new Map<Subgraph, GraphNode[]>();
  readonly #facts: RowShapeFacts;
  readonly #batch: NonNullable<RowShapeFacts['batch']>;

  constructor(facts: RowShapeFacts, batch: NonNullable<RowShapeFacts['batch']>) {
    this.#facts = facts;
    this.#batch = batch;
  }

  set(node: GraphNode, states: readonly RowState[]): void {
    this.#done.add(node);
    this.#states.set(node, states);
  }

  state({ node, index }: Endpoint): RowState {
    return this.#states.get(node)?.[index] ?? 'mixed';
  }

  run(roots: readonly Endpoint[]): void {
    for (const node of nodesInOrder(roots, this.#done)) this.#find(node);
  }

  #find(node: GraphNode): void {
    if (node.op === '_Argument' && this.#states.has(node)) return;
    const found = node.subgraphs ? this.#control(node, node.subgraphs) : this.#rule(node);
    this.#states.set(
      node,
      node.outputs.map((_, index) => this.#refine({ node, index }, found[index] ?? 'mixed')),
    );
  }

  #rule(node: GraphNode): readonly RowState[] {
    const states = node.inputs.map((input) => this.state(input));
    const all = (state: RowState) => node.outputs.map(() => state);
    if (states.every((state) => state === 'shared')) return all('shared');
    if (['Shape', 'ShapeN', 'Size', 'Rank'].includes(node.op)) return all('sizes');
    if (!states.some(isAxis)) return states.includes('mixed') ? all('mixed') : this.#ofSizes(node);
    const found = rowRules[node.op]?.(this.#context(node, states)) ?? 'mixed';
    return typeof found === 'object' ? found : all(found);
  }

  /** Tensors that are the same value or rows repeated for the number of rows have rows. */
  #ofSizes(node: GraphNode): readonly RowState[] {
    const repeats = ['Fill', 'BroadcastTo', 'Tile', '_Fill'].includes(node.op);
    const value = node.inputs[node.op === 'Fill' ? 1 : 0];
    if (!repeats || value === undefined || this.state(value) !== 'shared') return node.outputs.map(() => 'sizes');
    const shape = this.#facts.dimensions({ node, index: 0 });
    const axes = shape?.flatMap((size, i) => (countsRows(size, this.#batch) ? [i] : [])) ?? [];
    return [axes.length === 1 ? axes[0]! : 'sizes'];
  }

  /** Sizes without the number of rows are the same for every row. */
  #refine(endpoint: Endpoint, state: RowState): RowState {
    if (state === 'shared') return state;
    const vector = this.#facts.vector(endpoint);
    if (vector === undefined || vector.includes(undefined)) return state;
    if (!vector.some((element) => countsSomeRows(element, this.#batch))) return 'shared';
    return state === 'mixed' ? 'sizes' : state;
  }

  #context(node: GraphNode, states: readonly RowState[]): RowContext {
    const vector = (input: number) => {
      const endpoint = node.inputs.at(input);
      return endpoint && this.#facts.vector(endpoint);
    };
    return {
      node,
      batch: this.#batch,
      states,
      vector,
      shape: (input) => {
        const endpoint = node.inputs.at(input);
        return endpoint && this.#facts.dimensions(endpoint);
      },
      numbers: (input) => {
        const elements = vector(input);
        return elements?.every((element) => typeof element === 'number') ? elements : undefined;
      },
      result: (index = 0) => this.#facts.dimensions({ node, index }),
    };
  }

  #control(node: GraphNode, subgraphs: Readonly<Record<string, Subgraph>>): readonly RowState[] {
    const inputs = node.inputs.map((input) => this.state(input));
    if (node.op === 'While') return this.#loop(node, subgraphs, inputs);
    const results = Object.values(subgraphs).map((branch) => this.#body(branch, inputs.slice(1)));
    if (inputs[0] !== 'shared') return node.outputs.map(() => 'mixed');
    return node.outputs.map((_, i) => results.map((result) => result[i]!).reduce(join));
  }

  #loop(
    node: GraphNode,
    subgraphs: Readonly<Record<string, Subgraph>>,
    inputs: readonly RowState[],
  ): readonly RowState[] {
    const { cond, body } = subgraphs as Record<'cond' | 'body', Subgraph>;
    let state = inputs;
    for (;;) {
      const [condition] = this.#body(cond, state);
      const after = this.#body(body, state);
      if (condition !== 'shared') return node.outputs.map(() => 'mixed');
      const next = state.map((each, i) => join(each, after[i]!));
      if (next.every((each, i) => each === state[i])) {
        // Collected results have a row for each trip in front.
        const collected = after.slice(state.length).map((each) => (isAxis(each) ? each + 1 : each));
        return [...state, ...collected];
      }
      state = next;
    }
  }

  #body(subgraph: Subgraph, states: readonly RowState[]): readonly RowState[] {
    for (const [i, argument] of subgraph.arguments.entries()) this.set(argument, [states[i] ?? 'mixed']);
    const nodes = this.#bodies.get(subgraph) ?? nodesInOrder(subgraph.results, this.#done);
    this.#bodies.set(subgraph, nodes);
    for (const node of nodes) this.#find(node);
    return subgraph.results.map((result) => this.state(result));
  }
}

const countsSomeRows = (size: unknown, batch: NonNullable<RowShapeFacts['batch']>): boolean =>
  typeof size === 'object' &&
  size !== null &&
  'symbols' in size &&
  (size.symbols as readonly unknown[]).includes(batch);

/** States only ever change to `mixed`, so that loops come to an end. */
const join = (a: RowState, b: RowState): RowState => (a === b ? a : 'mixed');
