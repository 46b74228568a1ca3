/** Numbers of the values of a run. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import type { ValueId } from '../program/program.js';

/** Gives each endpoint that steps exchange a number. */
export class ValuePlaces {
  readonly #ids = new Map<GraphNode, ValueId[]>();
  #count = 0;

  /** How many numbers there are. */
  get count(): number {
    return this.#count;
  }

  /** The number of an endpoint, a new one when it has none. */
  of({ node, index }: Endpoint): ValueId {
    const ids = this.#ids.get(node) ?? [];
    this.#ids.set(node, ids);
    ids[index] ??= this.#count++;
    return ids[index];
  }
}
