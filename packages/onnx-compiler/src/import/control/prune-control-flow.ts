/** Removes arguments, state and outputs of control flow that nothing depends on. */
import type { Endpoint, GraphNode, SignatureGraph, Subgraph } from '../../graph/graph.js';
import { graphRoots } from '../../graph/node-order.js';
import { allNodes, mapEndpoints } from '../../graph/rewire.js';

/** Drops what is dead, also through loops that only carry it on. Endpoints of the outputs that remain keep their meaning. */
export function pruneControlFlow(graph: SignatureGraph): void {
  const nodes = allNodes(graph).filter(({ subgraphs }) => subgraphs !== undefined);
  if (nodes.length === 0) return;
  const live = new Liveness(nodes);
  live.follow(graphRoots(graph));
  const places = new Map(nodes.map((node) => [node, compact(node, live)]));
  mapEndpoints(graph, allNodes(graph), ({ node, index }) => ({ node, index: places.get(node)?.[index] ?? index }));
}

interface Owner {
  readonly node: GraphNode;
  readonly index: number;
}

/** Which outputs and arguments of control-flow nodes are needed. */
class Liveness {
  readonly #owners = new Map<GraphNode, Owner>();
  readonly #liveOutputs = new Map<GraphNode, Set<number>>();
  readonly #liveArguments = new Map<GraphNode, Set<number>>();
  readonly #done = new Set<GraphNode>();
  readonly #work: Endpoint[] = [];

  constructor(nodes: readonly GraphNode[]) {
    for (const node of nodes) {
      this.#liveOutputs.set(node, new Set());
      this.#liveArguments.set(node, new Set());
      for (const { arguments: list } of Object.values<Subgraph>(node.subgraphs!)) {
        for (const [index, argument] of list.entries()) this.#owners.set(argument, { node, index });
      }
    }
  }

  hasOutput(node: GraphNode, index: number): boolean {
    return this.#liveOutputs.get(node)!.has(index);
  }

  hasArgument(node: GraphNode, index: number): boolean {
    return this.#liveArguments.get(node)!.has(index);
  }

  follow(roots: readonly Endpoint[]): void {
    this.#work.push(...roots);
    for (let endpoint = this.#work.pop(); endpoint; endpoint = this.#work.pop()) this.#mark(endpoint);
  }

  #mark({ node, index }: Endpoint): void {
    const owner = this.#owners.get(node);
    if (owner) this.#markArgument(owner);
    else if (this.#liveOutputs.has(node)) this.#markOutput(node, index);
    else if (!this.#done.has(node)) {
      this.#done.add(node);
      this.#work.push(...node.inputs);
    }
  }

  #markOutput(node: GraphNode, index: number): void {
    const outputs = this.#liveOutputs.get(node)!;
    if (outputs.has(index)) return;
    outputs.add(index);
    if (node.op === 'While') {
      const { cond, body } = node.subgraphs!;
      this.#work.push(cond!.results[0]!);
      if (index < node.inputs.length) this.#markState(node, index);
      else this.#work.push(body!.results[index]!);
      return;
    }
    this.#work.push(node.inputs[0]!);
    for (const { results } of Object.values<Subgraph>(node.subgraphs!)) this.#work.push(results[index]!);
  }

  #markArgument({ node, index }: Owner): void {
    if (node.op === 'While') this.#markState(node, index);
    else if (!this.hasArgument(node, index)) {
      this.#liveArguments.get(node)!.add(index);
      this.#work.push(node.inputs[index + 1]!);
    }
  }

  /** A variable of a loop is an input, an argument, a result and an output at once. */
  #markState(node: GraphNode, index: number): void {
    if (this.hasArgument(node, index)) return;
    this.#liveArguments.get(node)!.add(index);
    this.#liveOutputs.get(node)!.add(index);
    this.#work.push(node.inputs[index]!, node.subgraphs!.body!.results[index]!);
  }
}

/** Returns where each output is now. */
function compact(node: GraphNode, live: Liveness): readonly (number | undefined)[] {
  const keepsArgument = (_: unknown, i: number): boolean => live.hasArgument(node, i);
  const keepsOutput = (_: unknown, i: number): boolean => live.hasOutput(node, i);
  let kept = 0;
  const places = node.outputs.map((_, i) => (live.hasOutput(node, i) ? kept++ : undefined));
  for (const [name, subgraph] of Object.entries<Subgraph>(node.subgraphs!)) {
    subgraph.arguments = subgraph.arguments.filter(keepsArgument);
    if (name !== 'cond') subgraph.results = subgraph.results.filter(keepsOutput);
  }
  const [predicate, ...rest] = node.inputs;
  node.inputs = node.op === 'While' ? node.inputs.filter(keepsArgument) : [predicate!, ...rest.filter(keepsArgument)];
  node.outputs = node.outputs.filter(keepsOutput);
  return places;
}
