/** Follows values back through control flow to where they come from. */
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import type { ControlNode } from './control-bodies.js';

interface Owner {
  readonly node: GraphNode;
  readonly body: string;
  readonly index: number;
}

/** Knows whose arguments are whose. */
export class SourceTrace {
  readonly #owners = new Map<GraphNode, Owner>();
  readonly #passedPlaces = new Map<GraphNode, number[]>();

  constructor(controlNodes: readonly ControlNode[]) {
    for (const { node } of controlNodes) {
      for (const [body, { arguments: nodes }] of Object.entries(node.subgraphs ?? {})) {
        for (const [index, argument] of nodes.entries()) this.#owners.set(argument, { node, body, index });
      }
    }
  }

  /**
   * The endpoint that gives a value: through arguments of branches, arguments of loops that don't change, and results that
   * all branches take from one argument.
   */
  sourceOf(endpoint: Endpoint): Endpoint {
    let current = endpoint;
    for (;;) {
      const next = this.#throughArgument(current) ?? this.#throughResult(current);
      if (!next) return current;
      current = next;
    }
  }

  /** What an argument is given by the graph around it. */
  #throughArgument({ node }: Endpoint): Endpoint | undefined {
    const owner = this.#owners.get(node);
    if (!owner) return undefined;
    if (owner.node.op !== 'While') return owner.node.inputs[owner.index + 1];
    return this.isInvariant(owner.node, owner.index) ? owner.node.inputs[owner.index] : undefined;
  }

  /** The input that a control-flow node gives on as it is. */
  #throughResult({ node, index }: Endpoint): Endpoint | undefined {
    if (node.subgraphs === undefined) return undefined;
    if (node.op === 'While') return this.isInvariant(node, index) ? node.inputs[index] : undefined;
    const place = this.#passed(node, index);
    return place === undefined ? undefined : node.inputs[place + 1];
  }

  /** Whether a loop gives a variable of its state on unchanged. */
  isInvariant(loop: GraphNode, index: number): boolean {
    return this.#passed(loop, index) === index;
  }

  /** The argument that every body gives as a result; `undefined` where there is none. */
  #passed(node: GraphNode, index: number): number | undefined {
    const places = this.#passedPlaces.get(node) ?? [];
    this.#passedPlaces.set(node, places);
    if (places[index] === undefined) {
      // Until it is known, for a result that depends on itself.
      places[index] = -1;
      places[index] = this.#findPassed(node, index);
    }
    return places[index] < 0 ? undefined : places[index];
  }

  #findPassed({ op, subgraphs = {} }: GraphNode, index: number): number {
    const bodies = op === 'While' ? [subgraphs.body!] : Object.values(subgraphs);
    const places = bodies.map(({ arguments: nodes, results }) => {
      let current = results[index];
      for (let next = current; next; next = this.#throughResult(next)) current = next;
      return current ? nodes.indexOf(current.node) : -1;
    });
    return places.every((place) => place === places[0]) ? (places[0] ?? -1) : -1;
  }
}
