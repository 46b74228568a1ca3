/** Which tensors of a graph reach an operation that could end the process, and what their shapes must be for its sake. */
import type { PartialShape } from '@serving/core/tensor';
import type { GraphNode, GraphOutline } from '@serving/protos/saved-model';
import { functionBody, type GraphBody, mainBody, nodesRunFor, type TensorRef } from './graph-body.js';
import { isGuarded, requirementsOf, type SlotRequirements } from './guarded-operations.js';
import { type NodeInputs, passedRequirements } from './passed-requirements.js';
import { ANY_SHAPE, both, contradict, ofRank, type ShapeRequirement } from './shape-requirement.js';

/** By `node:index`. A tensor that reaches such an operation in ways that can't be followed has `ANY_SHAPE`. */
export type TensorDemands = ReadonlyMap<string, ShapeRequirement>;

/** Calls whose function is in the attribute `f` and gets the node's inputs. */
const calls: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

/** Goes through a graph from its end to its beginning, and into functions where they are called. */
export class TensorDemandSearch {
  readonly #graph: GraphOutline;
  readonly #search: DemandSearch;
  readonly #nodes: ReadonlyMap<string, GraphNode>;

  constructor(graph: GraphOutline) {
    this.#graph = graph;
    this.#search = new DemandSearch(graph);
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  }

  /** Whether the requirements on some tensor so far contradict each other: different runs need different shapes of it. */
  get hasContradictions(): boolean {
    return this.#search.hasContradictions;
  }

  /** @param fetches names of the tensors that are computed; without them everything counts. */
  find(fetches?: readonly string[]): TensorDemands {
    const body = mainBody(this.#graph, fetches && nodesRunFor(fetches, this.#nodes));
    const named = new Map<string, ShapeRequirement>();
    for (const [{ name, outputShapes }, ofOutputs] of this.#search.search(body, [])) {
      for (const [index, demand] of ofOutputs.entries()) {
        if (demand) named.set(`${name}:${index}`, withRank(demand, outputShapes[index]));
      }
    }
    return named;
  }
}

/** With the rank of a known shape, which counts where the demand's is another. */
export function withRank(demand: ShapeRequirement, shape: PartialShape): ShapeRequirement {
  if (shape === undefined) return demand;
  const known = ofRank(shape.length);
  return contradict(known, demand) ? known : both(known, demand);
}

type Demand = ShapeRequirement | undefined;

class DemandSearch {
  hasContradictions = false;
  readonly #graph: GraphOutline;
  /** The requirements of calls on their inputs, by function and the requirements on its results. */
  readonly #ofCalls = new Map<string, SlotRequirements>();
  readonly #hasGuarded = new Map<string, boolean>();

  constructor(graph: GraphOutline) {
    this.#graph = graph;
  }

  /** @param ofResults the requirements on the function's results. */
  search(body: GraphBody, ofResults: readonly Demand[]): ReadonlyMap<GraphNode, Demand[]> {
    const demands = new Map<GraphNode, Demand[]>();
    let passed = new Set<GraphNode>();
    let isLate = false;
    const ask = (tensor: TensorRef | undefined, demand: Demand): void => {
      if (!tensor || !demand) return;
      const ofNode = demands.get(tensor.node) ?? [];
      const known = ofNode[tensor.index];
      isLate ||= known === undefined && passed.has(tensor.node);
      if (known && contradict(known, demand)) this.hasContradictions = true;
      ofNode[tensor.index] = known ? both(known, demand) : demand;
      demands.set(tensor.node, ofNode);
    };
    for (const [i, demand] of ofResults.entries()) ask(body.results[i], demand);
    do {
      passed = new Set();
      isLate = false;
      for (let i = body.ordered.length - 1; i >= 0; i--) {
        const node = body.ordered[i]!;
        const inputs = body.inputsOf(node);
        passed.add(node);
        for (const [slot, demand] of this.#demandsOn(node, inputs, demands.get(node) ?? [])) ask(inputs[slot], demand);
      }
      // A loop leads back to nodes that had been passed without a demand: at most once for each tensor.
    } while (isLate);
    return demands;
  }

  #demandsOn(
    node: GraphNode,
    inputs: readonly (TensorRef | undefined)[],
    ofOutputs: readonly Demand[],
  ): SlotRequirements {
    const called = calls.has(node.op) ? node.functions.get('f')?.[0] : node.op;
    if (called !== undefined && this.#graph.functions.has(called)) return this.#demandsOnArguments(called, ofOutputs);
    const known: NodeInputs = {
      shapeOf: (slot) => shapeOf(inputs[slot]),
      constantAt: (slot) => inputs[slot]?.node.value,
    };
    const own = requirementsOf(node, known.shapeOf);
    const reaches = ofOutputs.some((demand) => demand !== undefined) || own.length > 0 || this.#runsGuarded(node);
    if (!reaches) return [];
    const passed = ofOutputs[0] ? passedRequirements(node, ofOutputs[0], known) : [];
    return [...inputs.map((_, slot) => [slot, ANY_SHAPE] as const), ...own, ...passed];
  }

  #demandsOnArguments(name: string, ofResults: readonly Demand[]): SlotRequirements {
    const key = JSON.stringify([name, ofResults]);
    const known = this.#ofCalls.get(key);
    if (known) return known;
    // For a function that calls itself.
    this.#ofCalls.set(key, []);
    const body = functionBody(this.#graph.functions.get(name)!, this.#graph);
    const demands = this.search(body, ofResults);
    const found = this.#graph.functions.get(name)!.inputs.flatMap((input, slot) => {
      const demand = demands.get(body.nodes.get(input)!)?.[0];
      return demand ? [[slot, demand] as const] : [];
    });
    this.#ofCalls.set(key, found);
    return found;
  }

  /** Whether a loop, a branch or the like has such an operation in it. */
  #runsGuarded(node: GraphNode): boolean {
    for (const names of node.functions.values()) if (names.some((name) => this.#holdsGuarded(name))) return true;
    return false;
  }

  #holdsGuarded(name: string): boolean {
    const known = this.#hasGuarded.get(name);
    if (known !== undefined) return known;
    this.#hasGuarded.set(name, false);
    const nodes = this.#graph.functions.get(name)?.nodes ?? [];
    const found = nodes.some((node) => isGuarded(node.op) || this.#holdsGuarded(node.op) || this.#runsGuarded(node));
    this.#hasGuarded.set(name, found);
    return found;
  }
}

function shapeOf(tensor: TensorRef | undefined): readonly number[] | undefined {
  return tensor?.node.outputShapes[tensor.index];
}
